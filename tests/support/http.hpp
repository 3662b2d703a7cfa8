#pragma once
// A blocking HTTP client for tests, and a raw socket. Independent of libs/http, which would hide a fault shared by
// client and server.
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

/// Throws std::runtime_error when there is no response.
Reply http(const std::string& url, const Call& call = {});
Reply get(const std::string& url);
Reply post(const std::string& url, const std::string& body,
           const std::multimap<std::string, std::string>& headers = {});

/// A TCP connection to 127.0.0.1 for sending bytes that no well-behaved client would send.
class RawSocket {
 public:
  explicit RawSocket(std::uint16_t port);
  ~RawSocket();
  RawSocket(const RawSocket&) = delete;
  void send(const std::string& bytes);
  /// Reads until `text` was seen, the peer closed, or the timeout passed. Returns the bytes read.
  std::string read_until(const std::string& text, std::chrono::milliseconds timeout = std::chrono::milliseconds{5000});
  /// Reads until the peer closes or the timeout passes.
  std::string read_all(std::chrono::milliseconds timeout = std::chrono::milliseconds{5000});
  /// Returns available bytes up to the limit, waiting for the first; "" when the peer has closed.
  std::string read_some(std::size_t most);
  /// Reads to the end; returns true if the connection ends with a reset rather than an orderly close.
  bool ends_by_reset();
  void shutdown_send();
  void set_receive_buffer(int bytes);

 private:
  int fd_ = -1;
};

}  // namespace prompted::test
