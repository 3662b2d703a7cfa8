#pragma once
// One blocking keep-alive HTTP/1.1 connection on a raw socket (TCP_NODELAY), only for the load generator.
#include <string>
#include <string_view>

namespace prompted::bench {

struct Response {
  int status = 0;
  std::string_view body;  ///< valid until the next request
};

/// Throws std::runtime_error when the peer is unreachable, closes early or sends an invalid response.
class HttpConnection {
 public:
  /// `peer`: "127.0.0.1:8084"
  explicit HttpConnection(const std::string& peer);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  Response post(std::string_view path, std::string_view body);
  Response get(std::string_view path);
  /// post() in two halves, for one thread with many connections: receive() once descriptor() is readable.
  void send_post(std::string_view path, std::string_view body);
  Response receive();
  int descriptor() const { return socket_; }
  /// Like post(), but throws on any status other than 200, with the body in the message.
  std::string_view must_post(std::string_view path, std::string_view body);

 private:
  void send(std::string_view head, std::string_view body);
  void read_more();
  void read_chunks(std::size_t at);

  std::string peer_;
  std::string head_;
  std::string in_;    // bytes as they came
  std::string body_;  // of a chunked response, reassembled
  int socket_ = -1;
};

}  // namespace prompted::bench
