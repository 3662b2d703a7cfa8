#pragma once
// A scripted mqreader for testing the collector. Owner of its state: its own thread; tests reach it through ask().
#include <algorithm>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <deque>
#include <future>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/signal.hpp"

namespace prompted::test {

struct ReaderState {
  std::deque<nlohmann::json> ready;
  std::map<std::string, std::vector<std::string>> leased;     ///< lease_id → msg_uuids not settled
  std::map<std::string, std::string> dead;                    ///< msg_uuid → reason
  std::vector<std::pair<std::string, nlohmann::json>> calls;  ///< path and body
  bool knows_nack = true;
  bool knows_extend = true;
  bool knows_wait = true;
  char lease_id_version = '4';
  int failing_acks = 0;  ///< the next ones get 503

  std::size_t count(const std::string& path) const {
    return static_cast<std::size_t>(
        std::count_if(calls.begin(), calls.end(), [&](const auto& call) { return call.first == path; }));
  }
  bool settled() const { return ready.empty() && leased.empty(); }
};

class ScriptedReader {
 public:
  ScriptedReader() {
    boost::asio::co_spawn(context_, accept(), boost::asio::detached);
    thread_ = std::thread([this] { context_.run(); });  // started only once there is work, or run() would return
  }
  ~ScriptedReader() {
    context_.stop();
    thread_.join();
  }
  ScriptedReader(const ScriptedReader&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  template <class F>
  auto ask(F f) {
    std::packaged_task<std::invoke_result_t<F&, ReaderState&>()> task([this, &f] { return f(state_); });
    auto result = task.get_future();
    boost::asio::post(context_, [&task] { task(); });
    return result.get();
  }
  void push(std::vector<nlohmann::json> messages) {
    ask([&](ReaderState& state) { state.ready.insert(state.ready.end(), messages.begin(), messages.end()); });
  }
  bool settled() {
    return ask([](ReaderState& state) { return state.settled(); });
  }

 private:
  using tcp = boost::asio::ip::tcp;
  static constexpr auto& use = boost::asio::use_awaitable;

  boost::asio::awaitable<void> accept() {
    for (;;) {
      tcp::socket socket = co_await acceptor_.async_accept(use);
      boost::asio::co_spawn(context_, serve(std::move(socket)), boost::asio::detached);
    }
  }

  boost::asio::awaitable<void> serve(tcp::socket socket) {
    std::string in;
    try {
      for (;;) {
        const std::size_t head =
            co_await boost::asio::async_read_until(socket, boost::asio::dynamic_buffer(in), "\r\n\r\n", use);
        const std::string name = "ontent-Length: ";
        const std::size_t length = std::stoul(in.substr(in.find(name) + name.size()));
        const std::string path = in.substr(5, in.find(' ', 5) - 5);
        if (in.size() < head + length) {
          const auto missing = boost::asio::transfer_exactly(head + length - in.size());
          co_await boost::asio::async_read(socket, boost::asio::dynamic_buffer(in), missing, use);
        }
        nlohmann::json request = nlohmann::json::parse(in.substr(head, length));
        in.erase(0, head + length);
        state_.calls.emplace_back(path, request);
        if (path == "/v1/lease" && state_.knows_wait) co_await wait_for_messages(request.value("wait_ms", 0));
        const std::string out = response(path, request);
        co_await boost::asio::async_write(socket, boost::asio::buffer(out), use);
      }
    } catch (const std::exception&) {
      // The collector closed the connection.
    }
  }

  boost::asio::awaitable<void> wait_for_messages(int wait_ms) {
    const auto end = base::Clock::now() + std::chrono::milliseconds(wait_ms);
    while (state_.ready.empty() && base::Clock::now() < end) co_await base::sleep_for(std::chrono::milliseconds(5));
  }

  std::string response(const std::string& path, const nlohmann::json& request) {
    if (path == "/v1/lease") return respond(200, lease(request));
    if (path == "/v1/ack" && state_.failing_acks > 0) {
      --state_.failing_acks;
      return respond(503, nlohmann::json::object());
    }
    if (path == "/v1/ack") return respond(200, {{"acked", settle(request)}});
    if (path == "/v1/nack" && state_.knows_nack) {
      for (const std::string uuid : request["msg_uuids"]) state_.dead[uuid] = request["reason"];
      return respond(200, {{"requeued", 0}, {"dead", settle(request)}});
    }
    if (path == "/v1/extend" && state_.knows_extend) return respond(200, {{"lease_until", "2026-11-23T12:00:00Z"}});
    return respond(404, nlohmann::json::object());
  }

  nlohmann::json lease(const nlohmann::json& request) {
    // Like the earlier system's ids, or like this one's, which are version 8.
    char id[40];
    std::snprintf(id, sizeof id, "01890a5d-ac96-%c74b-bcce-%012x", state_.lease_id_version,
                  static_cast<unsigned>(++leases_));
    nlohmann::json messages = nlohmann::json::array();
    while (!state_.ready.empty() && messages.size() < request["max"].get<std::size_t>()) {
      state_.leased[id].push_back(state_.ready.front()["msg_uuid"]);
      messages.push_back(std::move(state_.ready.front()));
      state_.ready.pop_front();
    }
    return {{"lease_id", id}, {"messages", messages}};
  }

  std::size_t settle(const nlohmann::json& request) {
    const auto lease = state_.leased.find(request["lease_id"].get<std::string>());
    if (lease == state_.leased.end()) return 0;
    const std::size_t before = lease->second.size();
    if (request.contains("msg_uuids")) {
      const std::set<std::string> chosen = request["msg_uuids"];
      std::erase_if(lease->second, [&](const std::string& uuid) { return chosen.contains(uuid); });
    } else {
      lease->second.clear();
    }
    const std::size_t left = lease->second.size();
    if (left == 0) state_.leased.erase(lease);
    return before - left;
  }

  static std::string respond(int status, const nlohmann::json& body) {
    const std::string text = body.dump();
    return "HTTP/1.1 " + std::to_string(status) +
           " X\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(text.size()) + "\r\n\r\n" + text;
  }

  boost::asio::io_context context_{1};
  tcp::acceptor acceptor_{context_, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)};
  std::uint16_t port_ = acceptor_.local_endpoint().port();
  ReaderState state_;
  int leases_ = 0;
  std::thread thread_;
};

}  // namespace prompted::test
