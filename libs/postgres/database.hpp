#pragma once
// A pool of database connections, each on its own thread, driven by the owner (docs/architecture.md). Nothing is
// shared: the owner keeps the lists of waiting jobs and idle workers and posts jobs only to idle workers, which post
// the results back.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "base/clock.hpp"
#include "postgres/admission.hpp"
#include "postgres/errors.hpp"

namespace prompted::pg {

class Session;  // wraps pqxx::connection; session.hpp is only for store.cpp files and this library

struct Options {
  std::string dsn;
  std::string application_name;  ///< shown in pg_stat_activity
  int workers = 4;
  std::size_t waiting_jobs = 256;       ///< beyond it, run() throws Overloaded
  std::vector<std::string> on_connect;  ///< "SET …" statements of every connection
  std::chrono::milliseconds statement_timeout{30000};
  std::chrono::milliseconds slow_statement{1000};  ///< slower statements are logged by name; 0: none
  /// For daemons that write: connects only to a host that accepts writes (target_session_attrs, unless the DSN sets
  /// it), never to a standby that a name still points to after a failover.
  bool writes = true;
  std::function<void(Session&)> admit;  ///< checks every new connection; throws Refusal
};

/// The counts of one statement, identified by its name in sql.hpp.
struct StatementStats {
  std::uint64_t runs = 0;
  std::uint64_t failures = 0;  ///< rejected by PostgreSQL, or the connection broke
  base::Duration time{0};      ///< total of all runs, each from the call to the last row
};

struct PoolStats {
  int workers = 0;
  int connected = 0;
  int busy = 0;
  std::size_t waiting = 0;
  std::uint64_t jobs = 0;
  std::uint64_t connects = 0;
  std::uint64_t lost = 0;  ///< connections that broke
  std::map<std::string, StatementStats, std::less<>> statements;
};

/// Owner: the thread of `owner`. Destroy it before the io_context.
class Database {
 public:
  Database(boost::asio::io_context& owner, Options options);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// Runs f(Session&) on a database thread and resumes the caller on the owner's thread with the result. A running job
  /// is not cancelled; at its deadline its socket is shut down. Throws Overloaded, Unavailable (immediately while every
  /// worker has failed to connect), Expired, StatementError, or what f throws. By convention (docs/toolchain.md), store
  /// methods are plain functions that `return db_.run(lambda, deadline);`.
  template <class F>
  boost::asio::awaitable<std::invoke_result_t<F&, Session&>> run(F f, base::TimePoint deadline = base::never) {
    using T = std::invoke_result_t<F&, Session&>;
    if constexpr (std::is_void_v<T>) {
      JobOf<F, bool> job(std::move(f));
      co_await perform(job, deadline);
    } else {
      JobOf<F, T> job(std::move(f));
      co_await perform(job, deadline);
      co_return std::move(*job.result);
    }
  }

  /// Whether a connection is up, for readiness.
  bool ready() const;
  /// The failing check and the reason, for /readyz; {"postgres", ""} while a connection is up.
  struct Trouble {
    std::string check;
    std::string text;
  };
  Trouble trouble() const;
  PoolStats stats() const;
  /// Finishes waiting and running jobs, and cuts their sockets at the deadline. Later jobs throw Unavailable.
  boost::asio::awaitable<void> stop(base::TimePoint deadline);

 private:
  struct Impl;
  /// A unit of work. It lives in the waiting coroutine's frame.
  struct Job {
    base::TimePoint deadline = base::never;
    std::exception_ptr error;
    std::function<void()> deliver;            ///< on the owner
    virtual void work(Session& session) = 0;  ///< on a worker
    virtual ~Job() = default;
  };
  template <class F, class T>
  struct JobOf final : Job {
    explicit JobOf(F function) : f(std::move(function)) {}
    void work(Session& session) override {
      if constexpr (std::is_void_v<std::invoke_result_t<F&, Session&>>) f(session);
      else result.emplace(f(session));
    }
    F f;
    std::optional<T> result;
  };

  boost::asio::awaitable<void> perform(Job& job, base::TimePoint deadline);

  std::unique_ptr<Impl> impl_;
};

}  // namespace prompted::pg
