#pragma once
// One connection through a gate. Internal to gate.cpp and link.cpp. Owner: the gates' thread.
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <memory>
#include <vector>

#include "system/crash/gate.hpp"

namespace prompted::test::crash {

/// A gate's orders to its connections, which read them for every chunk of data.
struct GateState {
  Traffic traffic = Traffic::postgres;
  bool stalled = false;
  bool held = false;
  bool mutes = false;  ///< applies to connections that log in now
  std::chrono::milliseconds delay{0};
  int responses_to_cut = 0;
  Commit only = Commit::none;
  GateCounts counts;

  bool silent() const { return stalled || held; }
};

/// Sets close-on-exec: a daemon that inherited a gate's socket would keep the connection open after the gate cut it.
void not_for_children(int socket);

class Link : public std::enable_shared_from_this<Link> {
 public:
  Link(boost::asio::io_context& context, boost::asio::ip::tcp::socket client, std::shared_ptr<GateState> state);
  void connect(std::uint16_t port);
  /// Resets both sides, so that the peers notice at once.
  void cut();
  /// Continues after a stall.
  void resume();
  bool open() const { return !ended_; }
  bool waiting() const { return !ended_ && (!asked_for_.empty() || http_waits_); }

 private:
  using Socket = boost::asio::ip::tcp::socket;
  struct Pipe {
    Pipe(Socket& source, Socket& sink, boost::asio::io_context& context) : from(source), to(sink), timer(context) {}
    Socket& from;
    Socket& to;
    boost::asio::steady_timer timer;
    std::array<char, 32768> piece{};
    std::string out;      ///< read and not passed on yet
    bool parked = false;  ///< stopped by a stall
  };

  void read(Pipe& pipe);
  void pass(Pipe& pipe);
  void write(Pipe& pipe);
  void inspect(Pipe& pipe, std::string bytes);
  void inspect_request(std::string_view bytes);
  void inspect_response(Pipe& pipe, std::string bytes);
  void request(Commit kind);
  void ready(bool committed_rows);

  Socket client_;
  Socket server_;
  Pipe up_;
  Pipe down_;
  std::shared_ptr<GateState> state_;
  Asked asked_;
  Answered responses_;
  std::deque<Commit> asked_for_;  ///< PostgreSQL: requests whose ReadyForQuery is outstanding
  bool logged_in_ = false;        ///< PostgreSQL
  bool muted_ = false;
  bool http_waits_ = false;
  bool holding_ = false;  ///< the response is held back until it is known whether to cut
  std::string held_;
  bool ended_ = false;
};

}  // namespace prompted::test::crash
