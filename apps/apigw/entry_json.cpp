#include "apigw/entry_json.hpp"

#include "base/json.hpp"

namespace prompted::apigw {

namespace {

constexpr std::array<std::string_view, column_count> prefixes{
    R"({"uuid":)",       R"(,"gpu_id":)",     R"(,"metric_name":)", R"(,"timestamp":)", R"(,"device":)",
    R"(,"model_name":)", R"(,"hostname":)",   R"(,"container":)",   R"(,"pod":)",       R"(,"namespace":)",
    R"(,"value":)",      R"(,"labels_raw":)", R"(,"ingested_at":)"};

constexpr std::size_t date_length = 10;     // 2026-11-23
constexpr std::size_t seconds_length = 19;  // 2026-11-23 12:00:00
constexpr std::size_t fraction_digits = 6;

bool is_plain_instant(std::string_view text) {
  return text.size() >= seconds_length && text[date_length] == ' ' && text.ends_with("+00");
}

}  // namespace

void append_timestamp(std::string& out, std::string_view text) {
  // "infinity", or a year above 9999: no RFC 3339 text exists.
  if (!is_plain_instant(text)) return base::append_json_string(out, text);
  const std::string_view zoneless = text.substr(0, text.size() - 3);
  std::string_view fraction = zoneless.substr(seconds_length);
  if (!fraction.empty()) fraction.remove_prefix(1);
  out += '"';
  out += zoneless.substr(0, date_length);
  out += 'T';
  out += zoneless.substr(date_length + 1, seconds_length - date_length - 1);
  out += '.';
  out += fraction;
  out.append(fraction_digits - fraction.size(), '0');
  out += "Z\"";
}

void append_value(std::string& out, std::string_view text) {
  const char last = text.empty() ? 'N' : text.back();  // NaN, Infinity, -Infinity end in a letter; numbers do not
  if (last >= '0' && last <= '9') out += text;
  else out += "null";
}

void append_entry(std::string& out, const EntryTexts& texts) {
  for (std::size_t i = 0; i < column_count; ++i) {
    out += prefixes[i];
    const char* text = texts[i];
    const Column column{i};
    if (!text) out += "null";
    else if (column == Column::value) append_value(out, text);
    else if (column == Column::timestamp || column == Column::ingested_at) append_timestamp(out, text);
    else base::append_json_string(out, text);
  }
  out += '}';
}

}  // namespace prompted::apigw
