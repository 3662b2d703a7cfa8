#pragma once
// A scripted mqwriter on the test's thread: it serves only inside serve_until(). Uses plain sockets, not libs/http,
// which would hide a fault shared by both sides. Header-only, because only *_test.cpp is built in this directory.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/uuid.hpp"

namespace prompted::test {

/// One POST /v1/publish.
struct SeenPublish {
  int number = 0;   ///< 1, 2, …
  std::string key;  ///< Idempotency-Key
  std::string body;
  std::chrono::steady_clock::time_point when;

  nlohmann::json messages() const { return nlohmann::json::parse(body)["messages"]; }
};

struct Reaction {
  int status = 200;     ///< with 200 the messages are stored
  std::string headers;  ///< "Retry-After: 1\r\n"
  bool store = false;   ///< stored whatever the response
  bool cut = false;     ///< the connection is closed without a response
  bool hold = false;    ///< stored, with the response sent on release()
};

class ScriptedWriter {
 public:
  using Script = std::function<Reaction(const SeenPublish&)>;

  explicit ScriptedWriter(Script script, std::uint16_t port = 0) : script_(std::move(script)) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int yes = 1;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    socklen_t length = sizeof address;
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), length) != 0 || listen(listener_, 16) != 0 ||
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
      throw std::runtime_error("scripted writer: cannot listen");
    }
    port_ = ntohs(address.sin_port);
  }
  ~ScriptedWriter() {
    for (const Connection& connection : connections_) close(connection.fd);
    close(listener_);
  }
  ScriptedWriter(const ScriptedWriter&) = delete;
  ScriptedWriter& operator=(const ScriptedWriter&) = delete;

  std::uint16_t port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  /// Serves until `condition`, checked often, is true; returns false at the limit.
  bool serve_until(const std::function<bool()>& condition, std::chrono::seconds limit = std::chrono::seconds{30}) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      serve_once();
    }
    return true;
  }
  bool holding() const {
    return std::any_of(connections_.begin(), connections_.end(), [](const Connection& c) { return c.held; });
  }
  /// Stores held publishes and responds to them.
  void release() {
    for (Connection& connection : connections_) {
      if (!connection.held) continue;
      connection.held = false;
      store(connection.waiting);
      response(connection, 200, "", R"({"accepted":1,"duplicates":0})");
    }
  }

  const std::vector<SeenPublish>& publishes() const { return publishes_; }
  /// By msg_uuid (key + place): what a mqwriter with UNIQUE(topic, msg_uuid) would store.
  const std::map<std::string, nlohmann::json>& stored() const { return stored_; }

 private:
  struct Connection {
    int fd = -1;
    std::string input;
    bool held = false;
    bool over = false;
    SeenPublish waiting;
  };

  void serve_once() {
    std::vector<pollfd> watched{{listener_, POLLIN, 0}};
    for (const Connection& connection : connections_) watched.push_back({connection.fd, POLLIN, 0});
    poll(watched.data(), watched.size(), 10);
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      if (watched[i + 1].revents != 0) read_some(connections_[i]);
    }
    for (const Connection& connection : connections_) {
      if (connection.over) close(connection.fd);
    }
    std::erase_if(connections_, [](const Connection& c) { return c.over; });
    if (watched[0].revents == 0) return;
    Connection fresh;
    fresh.fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fresh.fd >= 0) connections_.push_back(fresh);
  }

  void read_some(Connection& connection) {
    char bytes[65536];
    const ssize_t got = recv(connection.fd, bytes, sizeof bytes, 0);
    if (got <= 0) {
      connection.over = true;
      return;
    }
    connection.input.append(bytes, static_cast<std::size_t>(got));
    while (!connection.over && !connection.held && handle(connection)) {
    }
  }

  // One request, once it is complete.
  bool handle(Connection& connection) {
    const auto end = connection.input.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    const std::string head = connection.input.substr(0, end + 2);
    const std::string length = header(head, "content-length");
    const std::size_t body_bytes = length.empty() ? 0 : std::stoul(length);
    if (connection.input.size() < end + 4 + body_bytes) return false;
    SeenPublish publish;
    publish.body = connection.input.substr(end + 4, body_bytes);
    connection.input.erase(0, end + 4 + body_bytes);
    if (!head.starts_with("POST /v1/publish ")) {
      response(connection, head.starts_with("GET /healthz ") ? 200 : 404, "",
               R"({"status":"ok","service":"mqwriter"})");
      return true;
    }
    publish.number = static_cast<int>(publishes_.size()) + 1;
    publish.key = header(head, "idempotency-key");
    publish.when = std::chrono::steady_clock::now();
    publishes_.push_back(publish);
    react(connection, publish);
    return true;
  }

  void react(Connection& connection, const SeenPublish& publish) {
    const Reaction reaction = script_(publish);
    if (reaction.hold) {
      connection.held = true;
      connection.waiting = publish;
      return;
    }
    if (reaction.store || (reaction.status == 200 && !reaction.cut)) store(publish);
    if (reaction.cut) connection.over = true;
    else response(connection, reaction.status, reaction.headers, R"({"accepted":1,"duplicates":0,"error":"scripted"})");
  }

  void store(const SeenPublish& publish) {
    const auto key = base::parse_uuid(publish.key);
    ASSERT_TRUE(key) << "Idempotency-Key: " << publish.key;
    std::uint64_t place = 0;
    for (const auto& message : publish.messages()) {
      const auto [at, fresh] = stored_.emplace(base::to_string(base::add_to_node(*key, place++)), message);
      EXPECT_TRUE(fresh || at->second == message) << "one id, two messages";
    }
  }

  void response(Connection& connection, int status, const std::string& headers, const std::string& body) {
    const std::string text = "HTTP/1.1 " + std::to_string(status) + " Scripted\r\nContent-Type: application/json\r\n" +
                             headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    if (send(connection.fd, text.data(), text.size(), MSG_NOSIGNAL) < 0) connection.over = true;
  }

  static std::string header(std::string head, const std::string& name) {
    const std::string original = head;
    std::transform(head.begin(), head.end(), head.begin(), [](unsigned char c) { return std::tolower(c); });
    const auto at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos) return "";
    const auto begin = at + name.size() + 4;
    return original.substr(begin, original.find("\r\n", begin) - begin);
  }

  Script script_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::vector<Connection> connections_;
  std::vector<SeenPublish> publishes_;
  std::map<std::string, nlohmann::json> stored_;
};

}  // namespace prompted::test
