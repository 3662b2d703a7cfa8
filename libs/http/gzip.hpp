#pragma once
// The gzip content coding (RFC 1952), piece by piece: zlib behind two small classes.
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

struct z_stream_s;

namespace prompted::http {

/// Is text of this type worth coding? JSON of all kinds, text, JavaScript, XML with SVG; parameters are ignored.
bool compressible(std::string_view content_type);

/// Level 1: on the owner's thread speed counts for more than the last few percent. About 260 KiB of memory each.
class GzipEncoder {
 public:
  enum class Flush {
    none,   ///< zlib may keep bytes back: the result is often empty
    sync,   ///< what was added so far can be decoded from what was returned so far
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

/// Decodes in steps of bounded size. `coded` must outlive it.
class GzipDecoder {
 public:
  explicit GzipDecoder(std::string_view coded);
  ~GzipDecoder();
  GzipDecoder(const GzipDecoder&) = delete;
  GzipDecoder& operator=(const GzipDecoder&) = delete;

  /// The next bytes, at most `most`; "" at the end. Throws std::runtime_error for what is no gzip, or is cut short.
  std::string next(std::size_t most);

 private:
  std::unique_ptr<z_stream_s> stream_;
  bool done_ = false;
};

}  // namespace prompted::http
