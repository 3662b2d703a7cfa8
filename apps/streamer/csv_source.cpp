#include "streamer/csv_source.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/error.hpp"
#include "streamer/row_json.hpp"

namespace prompted::streamer {
namespace {

constexpr std::size_t chunk_bytes = 64 * 1024;

File open_csv(const std::string& path) {
  File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) throw base::invalid(path + ": " + std::strerror(errno));
  return file;
}

FileState state_of(const File& file, const std::string& path) {
  struct stat status {};
  if (::fstat(file.fd(), &status) != 0) throw base::invalid(path + ": " + std::strerror(errno));
  if (!S_ISREG(status.st_mode)) throw base::invalid(path + ": not a regular file");
  return FileState::of(status);
}

}  // namespace

File::~File() {
  if (fd_ >= 0) ::close(fd_);
}
int File::release() { return std::exchange(fd_, -1); }
File& File::operator=(File&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = other.release();
  }
  return *this;
}

FileState FileState::of(const struct stat& status) {
  FileState state;
  state.device = status.st_dev;
  state.inode = status.st_ino;
  state.size = status.st_size;
  state.modified_ns = static_cast<std::int64_t>(status.st_mtim.tv_sec) * 1'000'000'000 + status.st_mtim.tv_nsec;
  return state;
}

std::string Piece::restamped(std::string_view stamp) const {
  if (!has_stamp) return raw;
  const bool quoted = stamp_length > 0 && raw[stamp_at] == '"';
  std::string out;
  out.reserve(raw.size() + stamp.size() + 2);
  out.append(raw, 0, stamp_at);
  if (quoted) out.push_back('"');
  out.append(stamp);
  if (quoted) out.push_back('"');
  out.append(raw, stamp_at + stamp_length);
  return out;
}

CsvSource::CsvSource(const std::string& path) : path_(path), file_(open_csv(path)), state_(state_of(file_, path)) {
  read_header_row();
}

void CsvSource::read_header_row() {
  const auto record = next_record();
  if (!record || record->kind == CsvRecord::Kind::filler)
    throw base::invalid(path_ + ": the file is empty; expected a header line");
  if (record->kind == CsvRecord::Kind::bad) throw base::invalid(path_ + ": header: " + record->error);
  try {
    columns_ = streamer::read_header(record->fields);
  } catch (const base::Error& error) {
    throw base::invalid(path_ + ": header: " + error.what());
  }
  header_ = record->raw;
}

std::optional<Piece> CsvSource::next() {
  if (!header_.empty()) {
    Piece piece;
    piece.raw = std::exchange(header_, {});
    piece.line = 1;
    return piece;
  }
  auto record = next_record();
  if (!record) return std::nullopt;
  return piece_of(std::move(*record));
}

std::optional<CsvRecord> CsvSource::next_record() {
  std::array<char, chunk_bytes> chunk;
  while (file_) {
    if (auto record = reader_.next()) return record;
    const ssize_t got = ::read(file_.fd(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw base::Error(base::ErrorKind::unavailable, path_ + ": " + std::strerror(errno));
    if (got > 0) {
      reader_.feed(std::string_view(chunk.data(), static_cast<std::size_t>(got)));
      continue;
    }
    reader_.end();
    file_ = File();
  }
  return reader_.next();
}

Piece CsvSource::piece_of(CsvRecord record) const {
  Piece piece;
  piece.raw = std::move(record.raw);
  piece.line = record.line;
  if (record.kind == CsvRecord::Kind::filler) return piece;
  piece.kind = Piece::Kind::bad;
  piece.error = std::move(record.error);
  if (record.kind == CsvRecord::Kind::bad) return piece;
  try {
    piece.json_tail = row_json_tail(columns_, record.fields);
  } catch (const base::Error& error) {
    piece.error = error.what();
    return piece;
  }
  piece.kind = Piece::Kind::row;
  if (columns_.timestamp) {
    piece.has_stamp = true;
    piece.stamp_at = record.fields[*columns_.timestamp].at;
    piece.stamp_length = record.fields[*columns_.timestamp].length;
  }
  return piece;
}

}  // namespace prompted::streamer
