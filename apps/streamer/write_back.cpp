#include "streamer/write_back.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "base/log.hpp"
#include "base/uuid.hpp"

namespace prompted::streamer {
namespace {

constexpr std::size_t buffer_bytes = 256 * 1024;

std::string directory_of(const std::string& path) {
  const auto parent = std::filesystem::path(path).parent_path();
  return parent.empty() ? "." : parent.string();
}

// In the same directory, because rename() works within one file system only.
std::string temporary_name(const std::string& target) {
  const std::filesystem::path path(target);
  return directory_of(target) + "/." + path.filename().string() + "." + base::to_string(base::random_uuid()) + ".tmp";
}

}  // namespace

void WriteBack::begin(const FileState& state) {
  owner_thread_.check();
  discard();
  before_ = state;
  consumed_ = 0;
  changed_ = false;
  std::error_code error;
  target_ = std::filesystem::canonical(path_, error).string();
  if (error) return warn_once(error.message());
  if (!open_temporary()) discard();
}

bool WriteBack::open_temporary() {
  struct stat status {};
  if (::stat(target_.c_str(), &status) != 0) return fail("stat");
  // rename() would replace a read-only file too, and root may write everywhere: the mode says what is wanted.
  if ((status.st_mode & 0222) == 0 || ::faccessat(AT_FDCWD, target_.c_str(), W_OK, AT_EACCESS) != 0) {
    warn_once("the file is read-only");
    return false;
  }
  const mode_t mode = status.st_mode & 07777;
  // A file without a name disappears by itself when this process is killed. Not every file system has them.
  temporary_path_.clear();
  temporary_ = File(::open(directory_of(target_).c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (!temporary_) {
    temporary_path_ = temporary_name(target_);
    temporary_ = File(::open(temporary_path_.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600));
    if (!temporary_) {
      temporary_path_.clear();
      return fail("create a temporary file");
    }
  }
  // Only root can give a file away; where this fails the file is ours and the mode still holds.
  [[maybe_unused]] const int given = ::fchown(temporary_.fd(), status.st_uid, status.st_gid);
  return ::fchmod(temporary_.fd(), mode) == 0 || fail("set the file's mode");
}

void WriteBack::keep(std::string_view raw) {
  owner_thread_.check();
  consumed_ += static_cast<off_t>(raw.size());
  write(raw);
}

void WriteBack::restamp(const Piece& piece, std::string_view stamp) {
  owner_thread_.check();
  consumed_ += static_cast<off_t>(piece.raw.size());
  changed_ = changed_ || piece.has_stamp;
  if (temporary_) write(piece.restamped(stamp));
}

void WriteBack::write(std::string_view bytes) {
  if (!temporary_) return;
  buffer_.append(bytes);
  if (buffer_.size() >= buffer_bytes && !flush()) discard();
}

bool WriteBack::flush() {
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    const ssize_t written = ::write(temporary_.fd(), rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail("write");
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  buffer_.clear();
  return true;
}

void WriteBack::commit() {
  owner_thread_.check();
  if (temporary_ && changed_ && replace()) warned_.clear();
  discard();
}

void WriteBack::commit_early(base::TimePoint deadline) {
  owner_thread_.check();
  if (temporary_ && changed_ && copy_rest(deadline)) replace();
  discard();
}

bool WriteBack::copy_rest(base::TimePoint deadline) {
  const File source(::open(target_.c_str(), O_RDONLY | O_CLOEXEC));
  if (!source) return fail("open");
  std::array<char, 64 * 1024> chunk;
  while (consumed_ < before_.size) {
    if (base::Clock::now() >= deadline) {
      log::warn("timestamps not written back: no time left", {{"path", path_}});
      return false;
    }
    const ssize_t got = ::pread(source.fd(), chunk.data(), chunk.size(), consumed_);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return fail("read");
    keep(std::string_view(chunk.data(), static_cast<std::size_t>(got)));
    if (!temporary_) return false;
  }
  return true;
}

bool WriteBack::replace() {
  if (!flush()) return false;
  if (::fsync(temporary_.fd()) != 0) return fail("fsync");
  struct stat status {};
  if (::stat(target_.c_str(), &status) != 0) return fail("stat");
  if (FileState::of(status) != before_ || consumed_ != before_.size) {
    log::warn("timestamps not written back: the file changed during this pass", {{"path", path_}});
    return false;
  }
  struct stat written {};
  if (::fstat(temporary_.fd(), &written) != 0) return fail("stat");
  if (!put_in_place()) return false;
  committed_ = FileState::of(written);
  const File directory(::open(directory_of(target_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory && ::fsync(directory.fd()) != 0) return fail("fsync of the directory");
  return true;
}

bool WriteBack::put_in_place() {
  if (temporary_path_.empty()) {
    const std::string name = temporary_name(target_);
    const std::string unnamed = "/proc/self/fd/" + std::to_string(temporary_.fd());
    if (::linkat(AT_FDCWD, unnamed.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) != 0) return fail("link");
    temporary_path_ = name;
  }
  if (::rename(temporary_path_.c_str(), target_.c_str()) != 0) return fail("rename");
  temporary_path_.clear();
  return true;
}

void WriteBack::discard() {
  if (!temporary_path_.empty()) ::unlink(temporary_path_.c_str());
  temporary_path_.clear();
  temporary_ = File();
  buffer_.clear();
}

void WriteBack::warn_once(const std::string& problem) {
  if (warned_ == problem) return;
  warned_ = problem;
  log::warn("timestamps not written back", {{"path", path_}, {"reason", problem}});
}

bool WriteBack::fail(const char* what) {
  const std::string reason = std::strerror(errno);
  warn_once(std::string(what) + ": " + reason);
  return false;
}

}  // namespace prompted::streamer
