#pragma once
// A blocking HTTP client of the tests' own (not libs/http, which would hide a fault that both sides share), and a bare
// socket.
#include <chrono>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace prompted::test {

struct Reply {
  int status = 0;
  std::multimap<std::string, std::string> headers;  ///< names in lower case
  std::string body;

  nlohmann::json json() const { return nlohmann::json::parse(body); }
  std::string header(const std::string& lower_case_name) const;
};

struct Call {
  std::string method = "GET";
  std::string body;
  std::multimap<std::string, std::string> headers;
  std::chrono::milliseconds timeout{20000};
};

/// Throws std::runtime_error when there is no answer.
Reply http(const std::string& url, const Call& call = {});
Reply get(const std::string& url);
Reply post(const std::string& url, const std::string& body,
           const std::multimap<std::string, std::string>& headers = {});

/// A TCP connection to 127.0.0.1 for bytes that no client would send.
class RawSocket {
 public:
  explicit RawSocket(std::uint16_t port);
  ~RawSocket();
  RawSocket(const RawSocket&) = delete;
  void send(const std::string& bytes);
  /// Reads until `text` was seen, the peer closed, or the time is up; what was read.
  std::string read_until(const std::string& text, std::chrono::milliseconds timeout = std::chrono::milliseconds{5000});
  /// Reads until the peer closes or the time is up.
  std::string read_all(std::chrono::milliseconds timeout = std::chrono::milliseconds{5000});
  /// At most so many bytes, as soon as there are any; "" when the peer has closed.
  std::string read_some(std::size_t most);
  /// Reads on: does it end by a reset instead of an orderly close?
  bool ends_by_reset();
  void shutdown_send();
  void set_receive_buffer(int bytes);

 private:
  int fd_ = -1;
};

}  // namespace prompted::test
