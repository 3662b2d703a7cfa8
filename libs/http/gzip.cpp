#include "http/gzip.hpp"

#include <zlib.h>

#include <array>
#include <new>
#include <stdexcept>

#include "http/text.hpp"

namespace prompted::http {
namespace {

constexpr int gzip_window = MAX_WBITS + 16;  // zlib's code for gzip header and trailer
constexpr int memory_level = 8;              // zlib's default

Bytef* input_of(std::string_view data) {
  // zlib only reads it; its interface predates const.
  return reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
}

int zlib_flush(GzipEncoder::Flush flush) {
  switch (flush) {
    case GzipEncoder::Flush::none:
      return Z_NO_FLUSH;
    case GzipEncoder::Flush::sync:
      return Z_SYNC_FLUSH;
    case GzipEncoder::Flush::finish:
      break;
  }
  return Z_FINISH;
}

}  // namespace

bool compressible(std::string_view content_type) {
  content_type = content_type.substr(0, content_type.find_first_of("; \t"));
  const auto ends = [content_type](std::string_view end) {
    return content_type.size() >= end.size() &&
           same_without_case(content_type.substr(content_type.size() - end.size()), end);
  };
  const auto is = [content_type](std::string_view type) { return same_without_case(content_type, type); };
  return same_without_case(content_type.substr(0, 5), "text/") || is("application/json") || ends("+json") ||
         is("application/x-ndjson") || is("application/javascript") || is("application/xml") || ends("+xml");
}

GzipEncoder::GzipEncoder() : stream_(std::make_unique<z_stream_s>()) {
  const int result =
      deflateInit2(stream_.get(), Z_BEST_SPEED, Z_DEFLATED, gzip_window, memory_level, Z_DEFAULT_STRATEGY);
  if (result != Z_OK) throw std::bad_alloc();
}

GzipEncoder::~GzipEncoder() { deflateEnd(stream_.get()); }

std::string GzipEncoder::add(std::string_view data, Flush flush) {
  std::array<char, 16 * 1024> room;
  std::string out;
  stream_->next_in = input_of(data);
  stream_->avail_in = static_cast<uInt>(data.size());
  do {
    stream_->next_out = reinterpret_cast<Bytef*>(room.data());
    stream_->avail_out = static_cast<uInt>(room.size());
    deflate(stream_.get(), zlib_flush(flush));
    out.append(room.data(), room.size() - stream_->avail_out);
  } while (stream_->avail_out == 0);  // space left over: no more output
  return out;
}

std::string gzip(std::string_view data) { return GzipEncoder().add(data, GzipEncoder::Flush::finish); }

GzipDecoder::GzipDecoder(std::string_view coded) : stream_(std::make_unique<z_stream_s>()) {
  if (inflateInit2(stream_.get(), gzip_window) != Z_OK) throw std::bad_alloc();
  stream_->next_in = input_of(coded);
  stream_->avail_in = static_cast<uInt>(coded.size());
}

GzipDecoder::~GzipDecoder() { inflateEnd(stream_.get()); }

std::string GzipDecoder::next(std::size_t most) {
  std::string out;
  if (done_) return out;
  out.resize(most);
  stream_->next_out = reinterpret_cast<Bytef*>(out.data());
  stream_->avail_out = static_cast<uInt>(most);
  const int result = inflate(stream_.get(), Z_NO_FLUSH);
  done_ = result == Z_STREAM_END;
  if (!done_ && (result != Z_OK || stream_->avail_out != 0))
    throw std::runtime_error("incomplete or invalid gzip data");
  out.resize(most - stream_->avail_out);
  return out;
}

}  // namespace prompted::http
