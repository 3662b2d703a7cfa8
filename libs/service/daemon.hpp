#pragma once
// The daemon around an app: owner thread, signals, health, metrics, drain order. All five daemons use it.
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

/// One check of /readyz, such as "postgres" or "mqwriter".
struct Check {
  std::string name;
  std::string trouble;  ///< "" if the check passes, else the reason: "unreachable"
};

/// A daemon's application. All functions are called on the owner's thread.
class App {
 public:
  virtual ~App() = default;
  /// Adds the app's routes; the daemon adds /healthz, /readyz and /metrics.
  virtual void add_routes(http::Router& router) = 0;
  /// The parts of the OpenAPI document that routes do not provide. If present, the daemon serves the document and
  /// Swagger UI.
  virtual std::optional<http::Api> api() const { return std::nullopt; }
  /// Starts the app's loops and returns at once. The server already listens on `port`.
  virtual void start(std::uint16_t port) = 0;
  /// Reads memory only and does not block.
  virtual std::vector<Check> checks() const = 0;
  virtual void collect(MetricsWriter& metrics) const = 0;
  /// Bounds on the memory that the app holds, apart from the HTTP server's connections, bodies and responses.
  virtual std::vector<MemoryPart> memory_parts() const = 0;
  /// Called first on SIGTERM, before the server drains: stop fetching new work (a collector stops leasing) and end long
  /// polls.
  virtual void stop_intake() = 0;
  /// Called after the server has drained: finish what was accepted, then stop database threads. Returns by the
  /// deadline.
  virtual boost::asio::awaitable<void> finish(base::TimePoint deadline) = 0;
};

using MakeApp = std::function<std::unique_ptr<App>(boost::asio::io_context& owner)>;

/// Runs until SIGTERM or SIGINT. Order: build the app, listen, start, announce ({"msg":"listening","port":…}); on the
/// signal: readiness 503, stop_intake(), drain the server, finish(), flush logs; SHUTDOWN_GRACE limits all of it.
/// Returns the exit code: 0 after a drain, 1 if it could not start (one line says why). A second signal exits at once
/// with 1.
int run(const Settings& settings, const MakeApp& make_app);

/// --healthcheck: queries this daemon's /readyz on loopback; returns 0 if it gets 200 within 3 s.
int healthcheck(const Settings& settings);

}  // namespace prompted::service
