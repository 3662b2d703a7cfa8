#pragma once
// Serializes a response's head. Internal to this library.
#include <cstddef>
#include <ctime>
#include <string>
#include <string_view>

#include "http/message.hpp"

namespace prompted::http {

/// How the end of a response's body is marked (RFC 9112 section 6).
enum class Framing { none, length, chunked, until_close };

struct HeadFacts {
  Framing framing = Framing::length;
  std::size_t length = 0;  ///< for Framing::length
  bool http_1_0 = false;
  bool keep_alive = true;
};

/// False if a header or the content type contains characters that would end its line.
bool head_is_safe(const Response& response);

/// The head, from status line to empty line. `date` is a complete "Date: …\r\n".
std::string response_head(const Response& response, const HeadFacts& facts, std::string_view date);

/// The Date line, "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n", rebuilt at most once a second.
class DateLine {
 public:
  const std::string& now();

 private:
  std::time_t second_ = -1;
  std::string line_;
};

}  // namespace prompted::http
