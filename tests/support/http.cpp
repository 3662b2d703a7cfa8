#include "support/http.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <stdexcept>

namespace prompted::test {
namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error(what + ": " + std::strerror(errno)); }

/// Returns false at the deadline.
bool ready(int fd, short events, Clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    pollfd watched{fd, events, 0};
    const int n = ::poll(&watched, 1, static_cast<int>(std::min<long long>(left, 1000)));
    if (n > 0) return true;
    if (n < 0 && errno != EINTR) fail("poll");
  }
}

int connect_to(const std::string& host, const std::string& port, Clock::time_point deadline) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0)
    throw std::runtime_error("no address for " + host);
  int error = ECONNREFUSED;
  for (addrinfo* address = found; address; address = address->ai_next) {
    const int fd = ::socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) continue;
    error = ::connect(fd, address->ai_addr, address->ai_addrlen) == 0 ? 0 : errno;
    if (error == EINPROGRESS) {
      socklen_t size = sizeof error;
      error = ETIMEDOUT;
      if (ready(fd, POLLOUT, deadline)) ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    }
    if (error == 0) {
      const int on = 1;
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      ::freeaddrinfo(found);
      return fd;
    }
    ::close(fd);
  }
  ::freeaddrinfo(found);
  errno = error;
  fail("connect to " + host + ":" + port);
}

void send_all(int fd, const std::string& bytes, Clock::time_point deadline) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const ssize_t n = ::send(fd, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (n > 0) {
      sent += static_cast<std::size_t>(n);
    } else if (errno != EAGAIN && errno != EINTR) {
      fail("send");
    } else if (!ready(fd, POLLOUT, deadline)) {
      throw std::runtime_error("send: timed out");
    }
  }
}

/// Appends received bytes; returns false when the peer has closed.
bool receive_some(int fd, std::string& into, Clock::time_point deadline) {
  for (;;) {
    char piece[65536];
    const ssize_t n = ::recv(fd, piece, sizeof piece, 0);
    if (n > 0) into.append(piece, static_cast<std::size_t>(n));
    if (n >= 0) return n > 0;
    if (errno != EAGAIN && errno != EINTR) fail("receive");
    if (!ready(fd, POLLIN, deadline)) throw std::runtime_error("receive: timed out");
  }
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::size_t number(const std::string& text, int base, const char* what) {
  std::size_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (result.ec != std::errc() || result.ptr == text.data())
    throw std::runtime_error(std::string("bad ") + what + ": " + text);
  return value;
}

/// Reads one response from a connection.
class Reader {
 public:
  Reader(int fd, Clock::time_point deadline) : fd_(fd), deadline_(deadline) {}

  Reply response(bool head_only) {
    Reply response;
    do {
      response = head();
    } while (response.status / 100 == 1);  // 100 Continue
    if (head_only || response.status == 204 || response.status == 304) return response;
    if (lower(response.header("transfer-encoding")) == "chunked") {
      response.body = chunks();
    } else if (const auto length = response.headers.find("content-length"); length != response.headers.end()) {
      response.body = bytes(number(length->second, 10, "Content-Length"));
    } else {
      while (receive_some(fd_, buffer_, deadline_)) {
      }
      response.body = buffer_;
    }
    return response;
  }

 private:
  void more() {
    if (!receive_some(fd_, buffer_, deadline_)) throw std::runtime_error("connection closed in mid-answer");
  }
  std::string line() {
    std::size_t end;
    while ((end = buffer_.find("\r\n")) == std::string::npos) more();
    std::string text = buffer_.substr(0, end);
    buffer_.erase(0, end + 2);
    return text;
  }
  std::string bytes(std::size_t n) {
    while (buffer_.size() < n) more();
    std::string text = buffer_.substr(0, n);
    buffer_.erase(0, n);
    return text;
  }
  Reply head() {
    Reply response;
    const std::string status = line();
    if (!status.starts_with("HTTP/1.") || status.size() < 12) throw std::runtime_error("not an HTTP answer: " + status);
    response.status = static_cast<int>(number(status.substr(9, 3), 10, "status"));
    for (std::string text = line(); !text.empty(); text = line()) {
      const auto colon = text.find(':');
      if (colon == std::string::npos) throw std::runtime_error("bad header line: " + text);
      const auto value = text.find_first_not_of(" \t", colon + 1);
      response.headers.emplace(lower(text.substr(0, colon)), value == std::string::npos ? "" : text.substr(value));
    }
    return response;
  }
  std::string chunks() {
    std::string body;
    while (const std::size_t size = number(line(), 16, "chunk size")) {
      body += bytes(size);
      if (!line().empty()) throw std::runtime_error("a chunk does not end where its size says");
    }
    while (!line().empty()) {  // trailers
    }
    return body;
  }

  int fd_;
  Clock::time_point deadline_;
  std::string buffer_;
};

struct Address {
  std::string host, port, target;
};
Address parse_url(const std::string& url) {
  if (!url.starts_with("http://")) throw std::runtime_error("not an http URL: " + url);
  const auto slash = url.find('/', 7);
  std::string authority = url.substr(7, slash == std::string::npos ? slash : slash - 7);
  const auto colon = authority.rfind(':');
  const bool has_port = colon != std::string::npos && authority.find(']', colon) == std::string::npos;
  std::string host = authority.substr(0, has_port ? colon : std::string::npos);
  if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
  return {host, has_port ? authority.substr(colon + 1) : "80", slash == std::string::npos ? "/" : url.substr(slash)};
}

std::string request_text(const Address& to, const Call& call) {
  std::string text =
      call.method + " " + to.target + " HTTP/1.1\r\nHost: " + to.host + ":" + to.port + "\r\nConnection: close\r\n";
  bool has_type = false;
  bool has_length = false;
  for (const auto& [name, value] : call.headers) {
    has_type = has_type || lower(name) == "content-type";
    has_length = has_length || lower(name) == "content-length" || lower(name) == "transfer-encoding";
    text += name + ": " + value + "\r\n";
  }
  const bool sends_body = !call.body.empty() || call.method == "POST" || call.method == "PUT";
  if (sends_body && !has_type) text += "Content-Type: application/json\r\n";
  if (sends_body && !has_length) text += "Content-Length: " + std::to_string(call.body.size()) + "\r\n";
  return text + "\r\n" + call.body;
}

struct Closer {
  int fd;
  ~Closer() { ::close(fd); }
};

}  // namespace

std::string Reply::header(const std::string& lower_case_name) const {
  const auto found = headers.find(lower_case_name);
  return found == headers.end() ? "" : found->second;
}

Reply http(const std::string& url, const Call& call) {
  const auto deadline = Clock::now() + call.timeout;
  const Address to = parse_url(url);
  const Closer connection{connect_to(to.host, to.port, deadline)};
  try {
    send_all(connection.fd, request_text(to, call), deadline);
  } catch (const std::runtime_error&) {
    // A server may respond (413, 503) and close before it has read the whole request. That response, if any, counts.
  }
  return Reader(connection.fd, deadline).response(call.method == "HEAD");
}

Reply get(const std::string& url) { return http(url); }

Reply post(const std::string& url, const std::string& body, const std::multimap<std::string, std::string>& headers) {
  Call call;
  call.method = "POST";
  call.body = body;
  call.headers = headers;
  return http(url, call);
}

RawSocket::RawSocket(std::uint16_t port)
    : fd_(connect_to("127.0.0.1", std::to_string(port), Clock::now() + std::chrono::seconds{5})) {}
RawSocket::~RawSocket() { ::close(fd_); }

void RawSocket::send(const std::string& bytes) { send_all(fd_, bytes, Clock::now() + std::chrono::seconds{20}); }

std::string RawSocket::read_until(const std::string& text, std::chrono::milliseconds timeout) {
  const auto deadline = Clock::now() + timeout;
  std::string read;
  try {
    while ((text.empty() || read.find(text) == std::string::npos) && receive_some(fd_, read, deadline)) {
    }
  } catch (const std::runtime_error&) {
    // On timeout or reset, the bytes received so far are the response.
  }
  return read;
}

std::string RawSocket::read_all(std::chrono::milliseconds timeout) { return read_until("", timeout); }
std::string RawSocket::read_some(std::size_t most) {
  pollfd readable{fd_, POLLIN, 0};
  std::string bytes(most, '\0');
  const ssize_t got = ::poll(&readable, 1, 10000) == 1 ? ::recv(fd_, bytes.data(), most, 0) : -1;
  bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return bytes;
}

bool RawSocket::ends_by_reset() {
  char bytes[65536];
  pollfd readable{fd_, POLLIN, 0};
  while (::poll(&readable, 1, 10000) == 1) {
    const ssize_t got = ::recv(fd_, bytes, sizeof bytes, 0);
    if (got <= 0) return got < 0 && errno == ECONNRESET;
  }
  return false;
}

void RawSocket::shutdown_send() { ::shutdown(fd_, SHUT_WR); }
void RawSocket::set_receive_buffer(int bytes) { ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes); }

}  // namespace prompted::test
