#pragma once
// RFC 4180 records out of chunks of bytes: libcsv tells fields and rows, this keeps the bytes they came from, so that a
// file can be written back unchanged but for one field. No files and no clock here.
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/owner.hpp"

namespace prompted::streamer {

struct CsvField {
  std::string value;   ///< without quotes, `""` made one quote
  std::size_t at = 0;  ///< where its bytes (quotes included) begin in CsvRecord::raw
  std::size_t length = 0;
};

struct CsvRecord {
  enum class Kind {
    row,
    bad,     ///< cannot be read as CSV: `error` says why
    filler,  ///< bytes that belong to no row: blank lines, the rest of a row that was too long
  };
  Kind kind = Kind::filler;
  std::string raw;       ///< every byte since the record before, line end included: all raws together are the file
  std::size_t line = 0;  ///< 1-based line of its first field
  std::vector<CsvField> fields;  ///< of a row
  std::string error;
};

/// A row that is broken (text after a closing quote, a quote that is never closed) loses its first line only: reading
/// continues with the next line, so one missing quote does not swallow the rows after it. Owner: one thread.
class CsvReader {
 public:
  /// No record of more bytes is kept in memory; mqwriter takes no message above 256 KiB.
  static constexpr std::size_t max_record = 512 * 1024;

  CsvReader();
  ~CsvReader();
  CsvReader(const CsvReader&) = delete;
  CsvReader& operator=(const CsvReader&) = delete;

  void feed(std::string_view chunk);
  /// Declares that there are no more chunks.
  void end();
  /// Returns the next record. nullopt: feed() more; after end(), there are no more.
  std::optional<CsvRecord> next();

 private:
  struct Parser;
  bool begin_record();
  CsvRecord take(CsvRecord::Kind kind, std::size_t until);
  CsvRecord give_up_line(std::string reason);
  std::optional<CsvRecord> at_end();

  std::unique_ptr<Parser> parser_;
  std::string buffer_;           // from the first byte that was not given out yet
  std::size_t start_ = 0;        // of the record being read
  std::size_t first_field_ = 0;  // its first field: after blank lines and a byte order mark
  std::size_t position_ = 0;     // the next byte for libcsv
  std::size_t line_ = 1;         // of start_
  char last_byte_ = 0;           // before start_
  bool in_record_ = false;
  bool at_file_start_ = true;
  bool skipping_line_ = false;  // the rest of a line that was too long
  bool ended_ = false;
  [[no_unique_address]] base::OwnerThread owner_thread_;
};

}  // namespace prompted::streamer
