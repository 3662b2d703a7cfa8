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

  /// Ends a wait on the socket from the owner's thread, whatever the server does.
  void cut() { socket.cut(); }
  /// On the worker's thread. Throws when it fails or was cut, and what `options.admit` throws.
  void connect(const Options& options);

  SocketHandle socket;

  StatementCounts statements;  ///< the worker thread's during a job, the owner's between two

  // The worker thread's.
  boost::asio::io_context context{1};
  std::optional<Session> session;

  // The owner's.
  boost::asio::steady_timer retry;  ///< until the next try to connect
  boost::asio::steady_timer limit;  ///< the running job's deadline, or the connecting's
  base::Backoff backoff{std::chrono::milliseconds(50), std::chrono::milliseconds(5000)};
  base::TimePoint last_used{};
  bool connected = false;
  bool cut_by_deadline = false;
  std::uint64_t turn = 0;  ///< counts jobs, so that a late timer cannot hit the next one

  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard{context.get_executor()};
  std::thread thread = base::start_thread([this] { context.run(); });  ///< last: everything above exists when it starts
};

}  // namespace prompted::pg
