#pragma once
// The gzip content coding (RFC 1952) in pieces, on top of zlib.
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

struct z_stream_s;

namespace prompted::http {

/// Whether this type is worth compressing: any JSON, text, JavaScript, XML including SVG. Parameters are ignored.
bool compressible(std::string_view content_type);

/// Encodes at level 1: on the owner's thread, speed matters more than the last few percent of size. Each encoder takes
/// about 260 KiB of memory.
class GzipEncoder {
 public:
  enum class Flush {
    none,   ///< zlib may hold bytes back: the result is often empty
    sync,   ///< everything added so far can be decoded from what was returned so far
    finish  ///< the end; nothing may be added after it
  };

  /// Throws std::bad_alloc.
  GzipEncoder();
  ~GzipEncoder();
  GzipEncoder(const GzipEncoder&) = delete;
  GzipEncoder& operator=(const GzipEncoder&) = delete;

  std::string add(std::string_view data, Flush flush);

 private:
  std::unique_ptr<z_stream_s> stream_;
};

std::string gzip(std::string_view data);

/// Decodes in pieces of bounded size. `coded` must outlive it.
class GzipDecoder {
 public:
  explicit GzipDecoder(std::string_view coded);
  ~GzipDecoder();
  GzipDecoder(const GzipDecoder&) = delete;
  GzipDecoder& operator=(const GzipDecoder&) = delete;

  /// The next bytes, at most `most`; "" at the end. Throws std::runtime_error if the input is not gzip or is truncated.
  std::string next(std::size_t most);

 private:
  std::unique_ptr<z_stream_s> stream_;
  bool done_ = false;
};

}  // namespace prompted::http
