#include "apigw/format.hpp"

#include <array>

#include "base/json.hpp"
#include "http/negotiation.hpp"

namespace prompted::apigw {

namespace {

// The columns that the streamer reads: an export can be streamed back in.
constexpr std::string_view row_header =
    "timestamp,metric_name,gpu_id,device,uuid,model_name,hostname,container,pod,namespace,value,labels_raw\r\n";
constexpr std::array row_columns{Column::timestamp, Column::metric_name, Column::gpu_id,   Column::device,
                                 Column::uuid,      Column::model_name,  Column::hostname, Column::container,
                                 Column::pod,       Column::name_space,  Column::value,    Column::labels_raw};
constexpr std::string_view bucket_header = "timestamp,metric_name,gpu_id,value\r\n";

/// RFC 4180: quoted where a comma, quote or line break would end the field, or where readers trim blanks.
void append_csv(std::string& out, std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  const bool trimmed = !text.empty() && (blank(text.front()) || blank(text.back()));
  if (!trimmed && text.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

void append_csv_timestamp(std::string& out, std::string_view text) {
  std::string quoted;
  append_timestamp(quoted, text);
  out += std::string_view(quoted).substr(1, quoted.size() - 2);
}

void append_csv_value(std::string& out, const char* text) {
  if (!text) return;
  std::string number;
  append_value(number, text);
  if (number != "null") out += number;
}

void append_csv_row(std::string& out, const EntryTexts& texts) {
  bool first = true;
  for (const Column column : row_columns) {
    if (!first) out += ',';
    first = false;
    const char* text = texts[static_cast<std::size_t>(column)];
    if (!text) continue;
    if (column == Column::timestamp) append_csv_timestamp(out, text);
    else if (column == Column::value) append_csv_value(out, text);
    else append_csv(out, text);
  }
  out += "\r\n";
}

void append_csv_bucket(std::string& out, const BucketTexts& texts) {
  append_csv_timestamp(out, texts.timestamp);
  out += ',';
  append_csv(out, texts.metric_name);
  out += ',';
  append_csv(out, texts.gpu_id);
  out += ',';
  append_csv_value(out, texts.value);
  out += "\r\n";
}

void append_json_bucket(std::string& out, const BucketTexts& texts) {
  base::JsonObject bucket(out);
  bucket.text("gpu_id", texts.gpu_id);
  bucket.text("metric_name", texts.metric_name);
  append_timestamp(bucket.member("timestamp"), texts.timestamp);
  std::string& value = bucket.member("value");
  if (texts.value) append_value(value, texts.value);
  else value += "null";
  bucket.end();
}

}  // namespace

std::string_view content_type(Format format) {
  switch (format) {
    case Format::ndjson:
      return "application/x-ndjson";
    case Format::csv:
      return "text/csv; charset=utf-8; header=present";
    case Format::json:
      break;
  }
  return "application/json";
}

Format preferred_format(std::string_view accept) {
  const std::string_view type = http::preferred_type(accept, {"application/json", "application/x-ndjson", "text/csv"});
  if (type == "text/csv") return Format::csv;
  return type == "application/x-ndjson" ? Format::ndjson : Format::json;
}

std::string response_begin(const Selection& selection) {
  if (selection.format == Format::ndjson) return {};
  if (selection.format == Format::csv) return std::string(selection.aggregation ? bucket_header : row_header);
  std::string out;
  base::JsonObject response(out);
  if (selection.gpu_id) response.text("gpu_id", *selection.gpu_id);
  if (selection.aggregation) {
    response.number("step_seconds", std::chrono::duration<double>(selection.aggregation->step).count());
    response.text("agg", selection.aggregation->function);
  }
  response.array("entries");  // answer_end() closes both
  return out;
}

std::string response_end(const Selection& selection, const std::optional<Place>& next) {
  if (selection.format != Format::json) return {};
  if (!selection.limit) return "]}";
  return next ? R"(],"next_cursor":")" + to_cursor(selection, *next) + "\"}" : R"(],"next_cursor":null})";
}

void EntryWriter::separate() {
  if (!first_ && format_ == Format::json) out_ += ',';
  first_ = false;
}

void EntryWriter::add(const EntryTexts& texts) {
  separate();
  if (format_ == Format::csv) append_csv_row(out_, texts);
  else append_entry(out_, texts);
  if (format_ == Format::ndjson) out_ += '\n';
}

void EntryWriter::add(const BucketTexts& texts) {
  separate();
  if (format_ == Format::csv) append_csv_bucket(out_, texts);
  else append_json_bucket(out_, texts);
  if (format_ == Format::ndjson) out_ += '\n';
}

}  // namespace prompted::apigw
