#pragma once
// Rows that are not published: all are counted, each is logged with its line. The file is read repeatedly, so a row is
// logged only in the first pass over a new or changed file.
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace prompted::streamer {

class SkipLog {
 public:
  static constexpr std::size_t lines_per_pass = 1000;

  /// A pass over `path` begins; `loud`: its rows were not seen before.
  void begin_pass(bool loud);
  /// The row cannot be read.
  void bad(std::string_view path, std::size_t line, std::string_view reason);
  /// mqwriter refused the row.
  void rejected(std::string_view path, std::size_t line, int status, std::string_view response);

  std::uint64_t bad_rows() const { return bad_; }
  std::uint64_t rejected_rows() const { return rejected_; }

 private:
  bool may_log(std::string_view path);

  bool loud_ = true;
  std::size_t logged_ = 0;
  std::uint64_t bad_ = 0;
  std::uint64_t rejected_ = 0;
};

}  // namespace prompted::streamer
