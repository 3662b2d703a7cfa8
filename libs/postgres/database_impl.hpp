#pragma once
// The implementation of Database; included only by database.cpp.
#include <algorithm>
#include <boost/asio/post.hpp>
#include <deque>

#include "base/log.hpp"
#include "base/owner.hpp"
#include "base/signal.hpp"
#include "postgres/database.hpp"
#include "postgres/dsn.hpp"
#include "postgres/worker.hpp"

namespace prompted::pg {

namespace asio = boost::asio;
using base::Clock;

inline constexpr auto ping_after =
    std::chrono::seconds(2);  // of idle time: /readyz must notice a dead server without traffic
inline constexpr auto ping_deadline = std::chrono::seconds(2);
inline constexpr auto connect_limit = std::chrono::seconds(6);  // libpq's own limit, for the login, is 3 s

/// Translates a job's exception for the owner. pqxx's exceptions do not leave this library.
inline std::exception_ptr translate(bool lost) {
  if (lost) return std::make_exception_ptr(Unavailable{});
  try {
    throw;
  } catch (const pqxx::failure& failure) {
    return std::make_exception_ptr(StatementError("unnamed", "", failure.what()));
  } catch (...) {
    return std::current_exception();
  }
}

struct Database::Impl {
  Impl(asio::io_context& owner_context, Options opts)
      : home(owner_context),
        options(std::move(opts)),
        changed(owner_context),
        ping_timer(owner_context),
        queue_timer(owner_context) {
    options.dsn = with_parameter(options.dsn, "connect_timeout", "3");
    options.dsn = with_parameter(options.dsn, "application_name", options.application_name);
    if (options.writes) options.dsn = with_parameter(options.dsn, "target_session_attrs", "read-write");
    options.on_connect.push_back("SET statement_timeout = " + std::to_string(options.statement_timeout.count()));
    options.on_connect.push_back("SET client_min_messages = warning");
    for (int i = 0; i < options.workers; ++i) {
      workers.push_back(std::make_unique<Worker>(home));
      connect(*workers.back());
    }
    schedule_ping();
  }

  /// A job lives in the frame of the coroutine that its `deliver` holds, a cycle. Undelivered jobs are handed to the
  /// owner's context, which destroys those frames like all others.
  ~Impl() {
    *alive = false;
    workers.clear();  // joins their threads
    for (Job* job : waiting) abandon(*job);
    for (Job* job : running) abandon(*job);
  }
  void abandon(Job& job) {
    asio::post(home, [held = std::move(job.deliver)] {});
  }

  bool reachable() const {
    return std::any_of(workers.begin(), workers.end(), [](const auto& w) { return w->backoff.failures() == 0; });
  }
  int connected() const {
    return static_cast<int>(std::count_if(workers.begin(), workers.end(), [](const auto& w) { return w->connected; }));
  }
  std::size_t busy() const { return static_cast<std::size_t>(connected()) - idle.size(); }

  void submit(Job& job) {
    thread.check();
    if (stopping || !reachable()) return refuse(job, std::make_exception_ptr(Unavailable{}));
    if (waiting.size() >= options.waiting_jobs) return refuse(job, std::make_exception_ptr(Overloaded{}));
    waiting.push_back(&job);
    dispatch();
    if (!waiting.empty() && waiting.back() == &job && job.deadline < next_expiry) watch_waiting(job.deadline);
  }

  /// Deadlines apply while waiting too: with every worker stuck, dispatch() would come seconds late.
  void watch_waiting(base::TimePoint when) {
    next_expiry = when;
    queue_timer.expires_at(when);
    queue_timer.async_wait([this](boost::system::error_code error) {
      if (!error) expire_waiting();
    });
  }

  void expire_waiting() {
    const auto now = Clock::now();
    next_expiry = base::never;
    for (auto all = std::exchange(waiting, {}); Job * job : all) {
      if (job->deadline <= now) {
        refuse(*job, std::make_exception_ptr(Expired{}));
        continue;
      }
      waiting.push_back(job);
      next_expiry = std::min(next_expiry, job->deadline);
    }
    if (next_expiry != base::never) watch_waiting(next_expiry);
    changed.notify();
  }

  void refuse(Job& job, std::exception_ptr error) {
    job.error = std::move(error);
    asio::post(home, [deliver = std::move(job.deliver)] { deliver(); });
  }

  void refuse_all_waiting() {
    for (auto left = std::exchange(waiting, {}); Job * job : left) refuse(*job, std::make_exception_ptr(Unavailable{}));
  }

  void dispatch() {
    while (!waiting.empty() && !idle.empty()) {
      Job& job = *waiting.front();
      waiting.pop_front();
      if (job.deadline < Clock::now()) {
        refuse(job, std::make_exception_ptr(Expired{}));
        continue;
      }
      Worker& worker = *idle.back();
      idle.pop_back();
      start(worker, job);
    }
  }

  void start(Worker& worker, Job& job) {
    ++jobs;
    running.push_back(&job);
    worker.last_used = Clock::now();
    if (job.deadline != base::never) watch(worker, job.deadline);
    asio::post(worker.context, [this, &worker, &job] {
      bool lost = false;
      try {
        job.work(*worker.session);
      } catch (const pqxx::broken_connection&) {
        lost = true;
        job.error = translate(lost);
      } catch (const StatementError& error) {
        lost = error.read_only() || !worker.session->connection().is_open();
        job.error = translate(lost);
      } catch (...) {
        lost = !worker.session->connection().is_open();
        job.error = translate(lost);
      }
      asio::post(home, [this, alive = alive, &worker, lost, &job] {
        if (*alive) done(worker, job, lost);
      });
    });
  }

  /// If the server is frozen, only the socket can end the wait.
  void watch(Worker& worker, base::TimePoint deadline) {
    worker.limit.expires_at(deadline);
    worker.limit.async_wait([&worker, turn = worker.turn](boost::system::error_code error) {
      if (error || worker.turn != turn) return;
      worker.cut_by_deadline = true;
      worker.cut();
    });
  }

  void done(Worker& worker, Job& job, bool lost) {
    running.erase(std::find(running.begin(), running.end(), &job));
    worker.statements.move_to(statements);
    ++worker.turn;
    worker.limit.cancel();
    if (lost && std::exchange(worker.cut_by_deadline, false)) job.error = std::make_exception_ptr(Expired{});
    if (lost) rebuild(worker);
    else idle.push_back(&worker);
    dispatch();
    changed.notify();
    resume(job);
  }

  /// The job lives in the frame that this resumes, and usually ends with it: do not touch the job afterwards.
  static void resume(Job& job) {
    const auto deliver = std::move(job.deliver);
    deliver();
  }

  /// The idle connections probably broke with this one: rebuild them before each costs a job.
  void rebuild(Worker& worker) {
    ++lost_connections;
    for (Worker* other : std::exchange(idle, {})) {
      other->connected = false;
      connect(*other);
    }
    worker.connected = false;
    connect(worker);
  }

  void connect(Worker& worker) {
    ++connects;
    asio::post(worker.context, [this, &worker] {
      std::string error;
      std::optional<Refusal> refused;
      Rights rights;
      try {
        worker.connect(options);
        rights = worker.session->rights;
      } catch (const Refusal& failure) {
        refused = failure;
        error = refused->what_is_wrong + ": " + failure.what();
      } catch (const std::exception& failure) {
        error = failure.what();
      }
      asio::post(home, [this, alive = alive, &worker, up = worker.session.has_value(), error, refused, rights] {
        if (!*alive) return;
        worker.statements.move_to(statements);
        ++worker.turn;
        worker.limit.cancel();
        refusal = refused;
        warn_of_rights(rights);
        up ? connected_now(worker) : connect_failed(worker, error);
      });
    });
    limit_connecting(worker);
  }

  /// A server that falls silent after the login would block this worker forever. Cuts repeatedly, because a cut before
  /// the login hits nothing.
  void limit_connecting(Worker& worker) {
    worker.limit.expires_after(connect_limit);
    worker.limit.async_wait([this, &worker, turn = worker.turn](boost::system::error_code error) {
      if (error || worker.turn != turn) return;
      worker.cut();
      limit_connecting(worker);
    });
  }

  void connected_now(Worker& worker) {
    if (stopping) worker.cut();
    if (std::exchange(outage, false))
      log::info("database is reachable again", {{"database", options.application_name}});
    worker.cut_by_deadline = false;
    worker.backoff.reset();
    worker.connected = true;
    worker.last_used = Clock::now();
    idle.push_back(&worker);
    dispatch();
    changed.notify();
  }

  void connect_failed(Worker& worker, const std::string& error) {
    if (stopping) return changed.notify();
    const auto pause = worker.backoff.next();
    if (!reachable()) {
      if (!std::exchange(outage, true))
        log::warn(refusal ? "database cannot be used" : "database is not reachable",
                  {{"database", options.application_name}, {"error", error}});
      refuse_all_waiting();
    }
    worker.retry.expires_after(pause);
    worker.retry.async_wait([this, &worker](boost::system::error_code failure) {
      if (!failure && !stopping) connect(worker);
    });
  }

  struct Ping final : Job {
    void work(Session& session) override {
      static constexpr Statement ping{"ping", "SELECT 1"};
      session.exec(ping);
    }
  };

  void schedule_ping() {
    ping_timer.expires_after(std::chrono::seconds(1));
    ping_timer.async_wait([this](boost::system::error_code error) {
      if (error || stopping) return;
      if (!idle.empty() && waiting.empty() && Clock::now() - idle.front()->last_used > ping_after) send_ping();
      schedule_ping();
    });
  }

  void send_ping() {
    auto ping = std::make_unique<Ping>();
    ping->deadline = Clock::now() + ping_deadline;
    Job& job = *ping;
    job.deliver = [held = std::shared_ptr<Ping>(std::move(ping))] {};
    Worker& worker = *idle.front();
    idle.erase(idle.begin());
    start(worker, job);
  }

  /// A worker's post may run after this object is destroyed. Only the owner reads and writes it.
  std::shared_ptr<bool> alive = std::make_shared<bool>(true);
  asio::io_context& home;
  Options options;
  [[no_unique_address]] base::OwnerThread thread;
  base::Signal changed;
  asio::steady_timer ping_timer;
  asio::steady_timer queue_timer;  ///< the earliest deadline of the waiting jobs
  base::TimePoint next_expiry = base::never;
  std::vector<std::unique_ptr<Worker>> workers;
  std::vector<Worker*> idle;  ///< the last used is taken first, because its caches are warm
  std::deque<Job*> waiting;
  std::vector<Job*> running;       ///< on a worker, or with the result not delivered yet
  std::optional<Refusal> refusal;  ///< of the last attempt to connect
  bool stopping = false;
  bool outage = false;
  std::uint64_t jobs = 0;
  std::uint64_t connects = 0;
  std::uint64_t lost_connections = 0;
  std::map<std::string, StatementStats, std::less<>> statements;
};

}  // namespace prompted::pg
