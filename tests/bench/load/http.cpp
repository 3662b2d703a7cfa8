#include "load/http.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace prompted::bench {

namespace {

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error(what); }

/// The header's value, or nothing. Case-sensitive: the daemons spell names as here.
std::string_view header(std::string_view head, std::string_view name) {
  const auto at = head.find(name);
  if (at == std::string_view::npos) return {};
  const auto begin = at + name.size();
  return head.substr(begin, head.find('\r', begin) - begin);
}

}  // namespace

HttpConnection::HttpConnection(const std::string& peer) : peer_(peer) {
  const auto colon = peer.rfind(':');
  sockaddr_in address{};
  address.sin_family = AF_INET;
  if (colon == std::string::npos || inet_pton(AF_INET, peer.substr(0, colon).c_str(), &address.sin_addr) != 1)
    fail("not an address and port: " + peer);
  address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(peer.c_str() + colon + 1)));
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    fail("cannot connect to " + peer + ": " + std::strerror(errno));
  const int on = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

HttpConnection::~HttpConnection() {
  if (socket_ >= 0) ::close(socket_);
}

void HttpConnection::send(std::string_view head, std::string_view body) {
  iovec parts[2] = {{const_cast<char*>(head.data()), head.size()}, {const_cast<char*>(body.data()), body.size()}};
  std::size_t left = head.size() + body.size();
  while (left > 0) {
    const ssize_t sent = ::writev(socket_, parts, 2);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) fail("cannot send to " + peer_ + ": " + std::strerror(errno));
    left -= static_cast<std::size_t>(sent);
    std::size_t gone = static_cast<std::size_t>(sent);
    for (auto& part : parts) {
      const std::size_t of_this = std::min(gone, part.iov_len);
      part.iov_base = static_cast<char*>(part.iov_base) + of_this;
      part.iov_len -= of_this;
      gone -= of_this;
    }
  }
}

void HttpConnection::read_more() {
  const std::size_t had = in_.size();
  const std::size_t room = had == 0 ? 4 * 1024 : 256 * 1024;  // most responses are short, and resize() fills with zeros
  in_.resize(had + room);
  ssize_t got = -1;
  do got = ::recv(socket_, in_.data() + had, room, 0);
  while (got < 0 && errno == EINTR);
  in_.resize(had + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  if (got <= 0) fail(peer_ + " closed the connection");
}

void HttpConnection::read_chunks(std::size_t at) {
  body_.clear();
  while (true) {
    std::size_t line = 0;
    while ((line = in_.find("\r\n", at)) == std::string::npos) read_more();
    const std::size_t size = std::strtoul(in_.c_str() + at, nullptr, 16);
    at = line + 2;
    while (in_.size() < at + size + 2) read_more();
    body_.append(in_, at, size);
    at += size + 2;
    if (size == 0) return;  // no trailers are sent
  }
}

Response HttpConnection::receive() {
  in_.clear();
  std::size_t end = 0;
  while ((end = in_.find("\r\n\r\n")) == std::string::npos) read_more();
  end += 4;
  const std::string head = in_.substr(0, end);
  Response response;
  response.status = std::atoi(head.c_str() + std::strlen("HTTP/1.1 "));
  if (header(head, "Transfer-Encoding: ") == "chunked") {
    read_chunks(end);
    response.body = body_;
    return response;
  }
  const auto length = header(head, "Content-Length: ");
  if (length.empty()) fail("an answer without a length: " + head);
  const std::size_t size = std::strtoul(std::string(length).c_str(), nullptr, 10);
  while (in_.size() < end + size) read_more();
  response.body = std::string_view(in_).substr(end, size);
  return response;
}

void HttpConnection::send_post(std::string_view path, std::string_view body) {
  head_ = "POST ";
  head_.append(path).append(" HTTP/1.1\r\nHost: ").append(peer_);
  head_.append("\r\nContent-Type: application/json\r\nContent-Length: ")
      .append(std::to_string(body.size()))
      .append("\r\n\r\n");
  send(head_, body);
}

Response HttpConnection::post(std::string_view path, std::string_view body) {
  send_post(path, body);
  return receive();
}

Response HttpConnection::get(std::string_view path) {
  head_ = "GET ";
  head_.append(path).append(" HTTP/1.1\r\nHost: ").append(peer_).append("\r\n\r\n");
  send(head_, {});
  return receive();
}

std::string_view HttpConnection::must_post(std::string_view path, std::string_view body) {
  const Response response = post(path, body);
  if (response.status != 200)
    fail("POST " + std::string(path) + " was answered " + std::to_string(response.status) + ": " +
         std::string(response.body));
  return response.body;
}

}  // namespace prompted::bench
