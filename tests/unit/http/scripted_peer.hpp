#pragma once
// A misbehaving server for testing the client: each accepted connection runs the next step of a script.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace prompted::http {

class PeerConnection {
 public:
  explicit PeerConnection(int fd) : fd_(fd) {}
  ~PeerConnection() { ::close(fd_); }
  PeerConnection(const PeerConnection&) = delete;

  /// Reads until the blank line after a header; "" when the client has closed.
  std::string read_head() {
    std::string text;
    char byte = 0;
    while (!text.ends_with("\r\n\r\n")) {
      if (::recv(fd_, &byte, 1, 0) != 1) return "";
      text += byte;
    }
    return text;
  }
  void send(const std::string& text) { (void)!::send(fd_, text.data(), text.size(), MSG_NOSIGNAL); }

 private:
  int fd_;
};

class ScriptedPeer {
 public:
  using Step = std::function<void(PeerConnection&)>;

  explicit ScriptedPeer(std::vector<Step> steps) : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 16) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw std::runtime_error("cannot listen");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, steps = std::move(steps)] {
      for (const Step& step : steps) {
        const int fd = ::accept(listener_, nullptr, nullptr);
        if (fd < 0) return;
        PeerConnection connection(fd);
        step(connection);
      }
    });
  }
  ~ScriptedPeer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  ScriptedPeer(const ScriptedPeer&) = delete;
  std::uint16_t port() const { return port_; }

 private:
  int listener_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace prompted::http
