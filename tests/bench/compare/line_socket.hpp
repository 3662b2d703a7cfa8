#pragma once
// A loopback socket for text protocols. Requests are buffered and sent together; responses are read by line or by
// length.
#include <string>
#include <string_view>

namespace prompted::bench {

/// Throws std::runtime_error when the peer is unreachable or closes the connection.
class LineSocket {
 public:
  explicit LineSocket(int port);
  ~LineSocket();
  LineSocket(const LineSocket&) = delete;
  LineSocket& operator=(const LineSocket&) = delete;

  std::string& out() { return out_; }  ///< what flush() sends
  void flush();
  /// Reads up to the next CR LF, which is not returned.
  std::string read_line();
  /// Reads `size` bytes and the CR LF after them, which is not returned.
  std::string read_block(std::size_t size);

 private:
  void read_more();
  int socket_;
  std::string out_, in_;
  std::size_t at_ = 0;  // of in_: what has been read
};

}  // namespace prompted::bench
