#pragma once
// One pass over the CSV file, in pieces: memory holds a chunk and a record, however large the file is. The pieces of a
// pass, one after the other, are the file's bytes.
#include <sys/stat.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "streamer/columns.hpp"
#include "streamer/csv_reader.hpp"

namespace prompted::streamer {

/// An open file descriptor, closed with its owner.
class File {
 public:
  explicit File(int fd = -1) : fd_(fd) {}
  File(File&& other) noexcept : fd_(other.release()) {}
  File& operator=(File&& other) noexcept;
  ~File();
  int fd() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int release();
  int fd_;
};

/// Identifies a state of a file: replacing or changing the file changes one of these.
struct FileState {
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  std::int64_t modified_ns = 0;

  static FileState of(const struct stat& status);
  friend bool operator==(const FileState&, const FileState&) = default;
};

/// A run of the file's bytes.
struct Piece {
  enum class Kind { row, bad, filler };  ///< filler: the header, blank lines
  Kind kind = Kind::filler;
  std::string raw;
  std::size_t line = 0;
  std::string json_tail;     ///< of a row: row_json_tail()
  std::size_t stamp_at = 0;  ///< of a row: its timestamp field in raw, quotes included
  std::size_t stamp_length = 0;
  bool has_stamp = false;  ///< the file has a timestamp column
  std::string error;       ///< of a bad row

  /// Returns the row with another timestamp, quoted as the old one was, and every other byte unchanged.
  std::string restamped(std::string_view stamp) const;
};

class CsvSource {
 public:
  /// Opens the file and reads its header. Throws base::Error(invalid) that names file and column.
  explicit CsvSource(const std::string& path);

  /// Of the file as it was opened.
  const FileState& state() const { return state_; }
  /// Returns the next piece; nullopt at the end. Throws base::Error(unavailable) when reading fails.
  std::optional<Piece> next();

 private:
  std::optional<CsvRecord> next_record();
  void read_header_row();
  Piece piece_of(CsvRecord record) const;

  std::string path_;
  File file_;
  FileState state_;
  CsvReader reader_;
  Columns columns_;
  std::string header_;  // its bytes (and blank lines before it), until next() gave them out
};

}  // namespace prompted::streamer
