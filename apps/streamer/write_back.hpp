#pragma once
// Writes the CSV with the timestamps that were sent: beside the file during a pass, moved into its place at the end.
// The file is replaced whole (fsync, then rename) or not at all, and never if it was changed in the meantime.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/owner.hpp"
#include "streamer/csv_source.hpp"

namespace prompted::streamer {

/// Owner: the streamer's owner thread. Writes block it for as long as the disk takes: nothing else in a streamer is
/// urgent. Problems are warnings; one that would recur with every pass is logged once.
class WriteBack {
 public:
  explicit WriteBack(std::string path) : path_(std::move(path)) {}
  ~WriteBack() { discard(); }
  WriteBack(const WriteBack&) = delete;
  WriteBack& operator=(const WriteBack&) = delete;

  /// Begins a pass over the file in this state.
  void begin(const FileState& state);
  /// Writes the next bytes of the file unchanged.
  void keep(std::string_view raw);
  /// Writes the same row with another timestamp in place of the next bytes of the file (`piece.raw`).
  void restamp(const Piece& piece, std::string_view stamp);
  /// The pass is over: every byte of the file was given to keep() or restamp().
  void commit();
  /// The pass ends early: the rest of the file is copied as it is. Gives up, with a warning, at the deadline.
  void commit_early(base::TimePoint deadline);

  /// State of the file after the last commit. A file in another state was changed by another process.
  const FileState& committed() const { return committed_; }

 private:
  bool open_temporary();
  void write(std::string_view bytes);
  bool flush();
  bool copy_rest(base::TimePoint deadline);
  bool replace();
  bool put_in_place();
  void discard();
  void warn_once(const std::string& problem);
  bool fail(const char* what);

  std::string path_;
  std::string target_;          // path_ without symbolic links
  std::string temporary_path_;  // "" while the temporary file has no name (O_TMPFILE)
  File temporary_;
  FileState before_;
  FileState committed_;
  std::string buffer_;
  off_t consumed_ = 0;    // bytes of the file that were given
  bool changed_ = false;  // something was restamped
  std::string warned_;
  [[no_unique_address]] base::OwnerThread owner_thread_;
};

}  // namespace prompted::streamer
