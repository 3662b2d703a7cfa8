#pragma once
// The daemon around an app: owner thread, signals, health, metrics, drain order. All five are run by this.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "http/openapi.hpp"
#include "http/router.hpp"
#include "service/memory_budget.hpp"
#include "service/metrics.hpp"
#include "service/settings.hpp"

namespace prompted::service {

/// One thing that /readyz tells: "postgres", "mqwriter".
struct Check {
  std::string name;
  std::string trouble;  ///< "" while all is well, else why not: "unreachable"
};

/// What a daemon's application is. Everything is called on the owner's thread.
class App {
 public:
  virtual ~App() = default;
  /// Its own routes; /healthz, /readyz and /metrics are added by the daemon.
  virtual void add_routes(http::Router& router) = 0;
  /// What the OpenAPI document says beside the routes. With one, the daemon serves the document and Swagger UI.
  virtual std::optional<http::Api> api() const { return std::nullopt; }
  /// Starts its loops; returns at once. The server listens on `port` by then.
  virtual void start(std::uint16_t port) = 0;
  /// From memory, at once.
  virtual std::vector<Check> checks() const = 0;
  virtual void collect(MetricsWriter& metrics) const = 0;
  /// Bounds on the memory that the app holds, apart from the HTTP server's connections, bodies and responses.
  virtual std::vector<MemoryPart> memory_parts() const = 0;
  /// First word on SIGTERM, before the server drains: stop taking new work from others (a collector stops leasing),
  /// answer those who wait (long polls).
  virtual void stop_intake() = 0;
  /// After the server has drained: finish what was accepted, then stop database threads. Returns by the deadline.
  virtual boost::asio::awaitable<void> finish(base::TimePoint deadline) = 0;
};

using MakeApp = std::function<std::unique_ptr<App>(boost::asio::io_context& owner)>;

/// Runs until SIGTERM or SIGINT. Order: build the app, listen, start, announce ({"msg":"listening","port":…}); on the
/// signal: readiness 503, stop_intake(), drain the server, finish(), flush logs; SHUTDOWN_GRACE is the budget of all of
/// it. Returns the exit code: 0 after a drain, 1 when it could not start (one clear line). A second signal ends at once
/// with 1.
int run(const Settings& settings, const MakeApp& make_app);

/// --healthcheck: asks the own /readyz on loopback; 0 when it is 200 within 3 s.
int healthcheck(const Settings& settings);

}  // namespace prompted::service
