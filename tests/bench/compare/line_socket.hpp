#pragma once
// A loopback socket for text protocols: requests are gathered and sent at once, answers read by line or by length.
#include <string>
#include <string_view>

namespace prompted::bench {

/// Throws std::runtime_error when the peer is not there or goes away.
class LineSocket {
 public:
  explicit LineSocket(int port);
  ~LineSocket();
  LineSocket(const LineSocket&) = delete;
  LineSocket& operator=(const LineSocket&) = delete;

  std::string& out() { return out_; }  ///< what flush() sends
  void flush();
  /// Up to and without the next CR LF.
  std::string read_line();
  /// `size` bytes and the CR LF behind them, which is not returned.
  std::string read_block(std::size_t size);

 private:
  void read_more();
  int socket_;
  std::string out_, in_;
  std::size_t at_ = 0;  // of in_: what has been read
};

}  // namespace prompted::bench
