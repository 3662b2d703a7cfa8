#include "streamer/csv_reader.hpp"

#include <csv.h>

#include <algorithm>
#include <new>

namespace prompted::streamer {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::string_view line_ends = "\r\n";

// RFC 4180: "Spaces are considered part of a field and should not be ignored."
int nothing_is_space(unsigned char) { return 0; }

std::size_t count_lines(std::string_view text, char before) {
  std::size_t lines = 0;
  for (char c : text) {
    if (c == '\r' || (c == '\n' && before != '\r')) ++lines;
    before = c;
  }
  return lines;
}

}  // namespace

// libcsv reports fields without their place. It is fed runs that end at a special byte, so whatever it reports ends at
// the last byte of the run: that gives the place.
struct CsvReader::Parser {
  Parser() { open(); }
  ~Parser() { csv_free(&csv); }

  void open() {
    if (csv_init(&csv, CSV_STRICT | CSV_STRICT_FINI) != 0) throw std::bad_alloc();
    csv_set_space_func(&csv, nothing_is_space);
  }
  void restart() {  // after an error libcsv's state is of no use
    csv_free(&csv);
    open();
  }
  void begin_row() {
    fields.clear();
    row_complete = false;
  }
  bool parse(std::string_view run) {
    return csv_parse(&csv, run.data(), run.size(), on_field, on_row, this) == run.size();
  }
  bool finish() { return csv_fini(&csv, on_field, on_row, this) == 0; }

  static void on_field(void* text, std::size_t length, void* self) {
    auto& parser = *static_cast<Parser*>(self);
    CsvField field;
    if (length > 0) field.value.assign(static_cast<const char*>(text), length);
    field.at = parser.field_at;
    field.length = parser.run_end - parser.field_at;
    parser.field_at = parser.run_end + 1;
    parser.fields.push_back(std::move(field));
  }
  static void on_row(int, void* self) { static_cast<Parser*>(self)->row_complete = true; }

  csv_parser csv{};
  std::vector<CsvField> fields;
  std::size_t field_at = 0;  // within the record
  std::size_t run_end = 0;   // the special byte, within the record
  bool row_complete = false;
};

CsvReader::CsvReader() : parser_(std::make_unique<Parser>()) {}
CsvReader::~CsvReader() = default;

void CsvReader::feed(std::string_view chunk) {
  owner_thread_.check();
  buffer_.erase(0, start_);
  position_ -= start_;
  first_field_ -= start_;
  start_ = 0;
  buffer_.append(chunk);
}

void CsvReader::end() {
  owner_thread_.check();
  ended_ = true;
}

// Steps over what may stand before a record. False: not enough bytes to tell.
bool CsvReader::begin_record() {
  if (at_file_start_) {
    if (buffer_.size() < byte_order_mark.size() && !ended_) return false;
    if (std::string_view(buffer_).starts_with(byte_order_mark)) position_ = byte_order_mark.size();
    at_file_start_ = false;
  }
  position_ = std::min(buffer_.find_first_not_of(line_ends, position_), buffer_.size());
  if (position_ == buffer_.size()) return false;
  first_field_ = position_;
  parser_->begin_row();
  parser_->field_at = first_field_ - start_;
  in_record_ = true;
  return true;
}

std::optional<CsvRecord> CsvReader::next() {
  owner_thread_.check();
  if (skipping_line_ && start_ < buffer_.size()) {
    const auto found = buffer_.find_first_of(line_ends, start_);
    skipping_line_ = found == std::string::npos;
    return take(CsvRecord::Kind::filler, std::min(found, buffer_.size()));
  }
  if (!in_record_ && !begin_record()) {
    if (ended_) return at_end();
    // Blank lines without end must not pile up either.
    if (!at_file_start_ && position_ - start_ >= max_record) return take(CsvRecord::Kind::filler, position_);
    return std::nullopt;
  }
  while (position_ < buffer_.size()) {
    const std::size_t special = std::min(buffer_.find_first_of(",\"\r\n", position_), buffer_.size() - 1);
    const std::string_view run = std::string_view(buffer_).substr(position_, special + 1 - position_);
    parser_->run_end = special - start_;
    if (!parser_->parse(run)) return give_up_line("a quote inside an unquoted field or text after a closing quote");
    position_ = special + 1;
    if (parser_->row_complete) return take(CsvRecord::Kind::row, position_);
    if (position_ - first_field_ > max_record) return give_up_line("longer than 512 KiB");
  }
  return ended_ ? at_end() : std::nullopt;
}

std::optional<CsvRecord> CsvReader::at_end() {
  if (start_ == buffer_.size()) return std::nullopt;
  if (!in_record_) return take(CsvRecord::Kind::filler, buffer_.size());
  parser_->run_end = buffer_.size() - start_;
  if (!parser_->finish()) return give_up_line("a quoted field is not closed");
  return take(CsvRecord::Kind::row, buffer_.size());
}

CsvRecord CsvReader::take(CsvRecord::Kind kind, std::size_t until) {
  CsvRecord record;
  record.kind = kind;
  record.raw = buffer_.substr(start_, until - start_);
  record.line = line_;
  if (in_record_) {
    record.line += count_lines(std::string_view(record.raw).substr(0, first_field_ - start_), last_byte_);
    if (kind == CsvRecord::Kind::row) record.fields = std::move(parser_->fields);
  }
  line_ += count_lines(record.raw, last_byte_);
  if (!record.raw.empty()) last_byte_ = record.raw.back();
  start_ = position_ = first_field_ = until;
  in_record_ = false;
  return record;
}

CsvRecord CsvReader::give_up_line(std::string reason) {
  const auto found = buffer_.find_first_of(line_ends, first_field_);
  skipping_line_ = found == std::string::npos && !ended_;
  CsvRecord record = take(CsvRecord::Kind::bad, found == std::string::npos ? buffer_.size() : found + 1);
  record.error = std::move(reason);
  parser_->restart();
  return record;
}

}  // namespace prompted::streamer
