#pragma once
// One database thread and its connection; internal to libs/postgres.
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>
#include <thread>

#include "base/backoff.hpp"
#include "base/clock.hpp"
#include "base/thread.hpp"
#include "postgres/database.hpp"
#include "postgres/session.hpp"
#include "postgres/socket_handle.hpp"

namespace prompted::pg {

struct Worker {
  explicit Worker(boost::asio::io_context& owner) : retry(owner), limit(owner) {}
  ~Worker();

  /// Ends a wait on the socket, whatever the server does. Call on the owner's thread.
  void cut() { socket.cut(); }
  /// Connects, on the worker's thread. Throws if it fails or is cut, and what `options.admit` throws.
  void connect(const Options& options);

  SocketHandle socket;

  StatementCounts statements;  ///< the worker thread's during a job, the owner's between two

  // Owned by the worker's thread.
  boost::asio::io_context context{1};
  std::optional<Session> session;

  // Owned by the owner's thread.
  boost::asio::steady_timer retry;  ///< until the next try to connect
  boost::asio::steady_timer limit;  ///< the deadline of the running job, or of connecting
  base::Backoff backoff{std::chrono::milliseconds(50), std::chrono::milliseconds(5000)};
  base::TimePoint last_used{};
  bool connected = false;
  bool cut_by_deadline = false;
  std::uint64_t turn = 0;  ///< counts jobs, so that a late timer cannot hit the next one

  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard{context.get_executor()};
  std::thread thread = base::start_thread([this] { context.run(); });  ///< last: everything above exists when it starts
};

}  // namespace prompted::pg
