#pragma once
// Database connections, each on a thread of its own, driven by the owner (docs/architecture.md). Nothing is
// shared: the owner keeps the list of waiting jobs and of idle workers and posts a job to an idle worker only; results
// are posted back.
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

class Session;  // wraps pqxx::connection; session.hpp, for store.cpp and this library alone

struct Options {
  std::string dsn;
  std::string application_name;  ///< shown in pg_stat_activity
  int workers = 4;
  std::size_t waiting_jobs = 256;       ///< more throws Overloaded
  std::vector<std::string> on_connect;  ///< "SET …" statements of every connection
  std::chrono::milliseconds statement_timeout{30000};
  std::chrono::milliseconds slow_statement{1000};  ///< one that takes so long is logged by its name; 0: none
  /// For daemons that write: of several hosts of the DSN the one that takes writes (target_session_attrs, unless the
  /// DSN has it), and never a standby that a name still points to after a failover.
  bool writes = true;
  std::function<void(Session&)> admit;  ///< asked of every new connection; throws Refusal
};

/// Of one statement, by its name in sql.hpp.
struct StatementStats {
  std::uint64_t runs = 0;
  std::uint64_t failures = 0;  ///< refused by PostgreSQL, or its connection broke
  base::Duration time{0};      ///< of all runs, each from the call to its last row
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

  /// Runs f(Session&) on a database thread and resumes the caller on the owner with its result. A job that has begun is
  /// not cancelled; at its deadline its socket is shut down. Throws Overloaded, Unavailable (at once while every worker
  /// has failed to connect), Expired, StatementError, or what f throws. House form (docs/toolchain.md): store methods
  /// are plain functions that `return db_.run(lambda, deadline);`.
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

  /// A connection is up: readiness.
  bool ready() const;
  /// For /readyz: which check fails and why; {"postgres", ""} while a connection is up.
  struct Trouble {
    std::string check;
    std::string text;
  };
  Trouble trouble() const;
  PoolStats stats() const;
  /// Finishes what waits and runs (until the deadline, then sockets are cut); later jobs throw Unavailable.
  boost::asio::awaitable<void> stop(base::TimePoint deadline);

 private:
  struct Impl;
  /// A unit of work. It lives in the frame of the coroutine that waits for it.
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
