#include "http/head.hpp"

#include <array>
#include <cstdio>

#include "http/problem.hpp"
#include "http/text.hpp"

namespace prompted::http {

bool head_is_safe(const Response& response) {
  if (breaks_header(response.content_type)) return false;
  for (const Header& header : response.headers) {
    if (!header_is_safe(header.name, header.value)) return false;
  }
  return true;
}

std::string response_head(const Response& response, const HeadFacts& facts, std::string_view date) {
  std::string head;
  head.reserve(256);
  head += "HTTP/1.1 ";
  head += std::to_string(response.status);
  head += ' ';
  head += reason(response.status);
  head += "\r\nServer: prompted\r\n";
  head += date;
  if (!response.content_type.empty()) {
    head += "Content-Type: ";
    head += response.content_type;
    head += "\r\n";
  }
  for (const Header& header : response.headers) {
    head += header.name;
    head += ": ";
    head += header.value;
    head += "\r\n";
  }
  if (facts.framing == Framing::length) {
    head += "Content-Length: ";
    head += std::to_string(facts.length);
    head += "\r\n";
  } else if (facts.framing == Framing::chunked) {
    head += "Transfer-Encoding: chunked\r\n";
  }
  if (!facts.keep_alive) head += "Connection: close\r\n";
  else if (facts.http_1_0) head += "Connection: keep-alive\r\n";
  head += "\r\n";
  return head;
}

const std::string& DateLine::now() {
  const std::time_t second = std::time(nullptr);
  if (second == second_) return line_;
  second_ = second;
  // Not strftime: its names depend on the locale, RFC 9110's do not.
  constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm utc{};
  gmtime_r(&second, &utc);
  std::array<char, 96> text{};
  std::snprintf(text.data(), text.size(), "Date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n",
                days[static_cast<std::size_t>(utc.tm_wday)], utc.tm_mday, months[static_cast<std::size_t>(utc.tm_mon)],
                utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
  line_ = text.data();
  return line_;
}

}  // namespace prompted::http
