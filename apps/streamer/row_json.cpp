#include "streamer/row_json.hpp"

#include <charconv>
#include <cmath>
#include <system_error>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "models/gpu_identity.hpp"

namespace prompted::streamer {
namespace {

// RFC 8259 section 6. Such a text is sent as it is: no digit of the file is lost in a double.
bool is_json_number(std::string_view text) {
  std::size_t i = 0;
  const auto digits = [&] {
    const std::size_t from = i;
    while (i < text.size() && base::is_digit(text[i])) ++i;
    return i - from;
  };
  if (i < text.size() && text[i] == '-') ++i;
  const bool zero = i < text.size() && text[i] == '0';
  const std::size_t whole = digits();
  if (whole == 0 || (zero && whole > 1)) return false;
  if (i < text.size() && text[i] == '.') {
    ++i;
    if (digits() == 0) return false;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    if (digits() == 0) return false;
  }
  return i == text.size();
}

[[noreturn]] void refuse_value(std::string_view field) {
  throw base::invalid("value \"" + std::string(field.substr(0, 40)) + "\" is not a number");
}

void append_value(std::string& out, std::string_view field) {
  std::string_view text = base::trim(field);
  if (text.empty()) {
    out += "null";
    return;
  }
  const std::string_view as_json = text;
  if (text.front() == '+') {  // from_chars takes no plus sign
    text.remove_prefix(1);
    if (text.starts_with('-')) refuse_value(field);
  }
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || std::isinf(number)) refuse_value(field);
  if (std::isnan(number)) out += "null";
  else if (is_json_number(as_json)) out += as_json;
  else base::append_json_number(out, number);
}

std::string_view field_or_empty(const std::vector<CsvField>& fields, std::optional<std::size_t> place) {
  return place ? std::string_view(fields[*place].value) : std::string_view{};
}

}  // namespace

std::string row_json_tail(const Columns& columns, const std::vector<CsvField>& fields) {
  if (fields.size() != columns.all.size()) {
    throw base::invalid("has " + std::to_string(fields.size()) + " fields, the header has " +
                        std::to_string(columns.all.size()));
  }
  if (!models::gpu_identity(field_or_empty(fields, columns.gpu_id), field_or_empty(fields, columns.uuid))) {
    throw base::invalid("gpu_id is required");
  }
  std::string out;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::string& key = columns.all[i].key;
    if (key.empty() || i == columns.timestamp) continue;
    out.push_back(',');
    base::append_json_string(out, key);
    out.push_back(':');
    if (i == columns.value) append_value(out, fields[i].value);
    else base::append_json_string(out, fields[i].value);
  }
  out.push_back('}');
  return out;
}

std::string row_json(std::string_view stamp, std::string_view tail) {
  std::string out;
  out.reserve(16 + stamp.size() + tail.size());
  out += "{\"timestamp\":\"";
  out += stamp;
  out.push_back('"');
  out += tail;
  return out;
}

}  // namespace prompted::streamer
