#include "compare/line_socket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace prompted::bench {

LineSocket::LineSocket(int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("nobody listens at port " + std::to_string(port));
  const int on = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

LineSocket::~LineSocket() { ::close(socket_); }

void LineSocket::flush() {
  for (std::size_t at = 0; at < out_.size();) {
    const ssize_t sent = ::send(socket_, out_.data() + at, out_.size() - at, MSG_NOSIGNAL);
    if (sent <= 0) throw std::runtime_error("the peer went away");
    at += static_cast<std::size_t>(sent);
  }
  out_.clear();
}

void LineSocket::read_more() {
  in_.erase(0, at_);
  at_ = 0;
  char bytes[65536];
  const ssize_t got = ::recv(socket_, bytes, sizeof bytes, 0);
  if (got <= 0) throw std::runtime_error("the peer closed the connection");
  in_.append(bytes, static_cast<std::size_t>(got));
}

std::string LineSocket::read_line() {
  std::size_t end = 0;
  while ((end = in_.find("\r\n", at_)) == std::string::npos) read_more();
  std::string line = in_.substr(at_, end - at_);
  at_ = end + 2;
  return line;
}

std::string LineSocket::read_block(std::size_t size) {
  while (in_.size() - at_ < size + 2) read_more();
  std::string block = in_.substr(at_, size);
  at_ += size + 2;
  return block;
}

}  // namespace prompted::bench
