#include "service/daemon.hpp"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <csignal>
#include <cstdlib>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/spawn.hpp"
#include "config/version.hpp"
#include "http/client.hpp"
#include "http/server.hpp"
#include "service/health.hpp"
#include "service/swagger.hpp"

namespace prompted::service {

namespace {

namespace asio = boost::asio;
using base::Clock;

http::Limits limits_of(const Settings& settings) {
  http::Limits limits;
  limits.connections = static_cast<std::size_t>(settings.http_max_connections);
  limits.body_budget = settings.http_body_budget.count;
  limits.response_budget = settings.http_response_budget.count;
  return limits;
}

/// The program, its libraries and threads, measured at rest, including freed memory that malloc retains.
constexpr std::uint64_t at_rest = 32 * 1024 * 1024;

MemoryBudget budget_of(const App& app, const http::Limits& limits) {
  MemoryBudget budget;
  budget.parts = {{"process", at_rest},
                  {"connections", limits.connections * http::connection_bytes(limits)},
                  {"bodies", limits.body_budget},
                  {"responses", limits.response_budget}};
  for (auto& part : app.memory_parts()) budget.parts.push_back(std::move(part));
  return budget;
}

/// Logs one request at debug.
void log_request(const http::Outcome& outcome) {
  std::vector<log::Field> fields{{"method", http::to_string(outcome.method)},
                                 {"route", outcome.route.empty() ? std::string_view("unmatched") : outcome.route},
                                 {"status", outcome.status},
                                 {"ms", std::chrono::duration<double, std::milli>(outcome.took).count()},
                                 {"request_bytes", outcome.request_bytes},
                                 {"sent_bytes", outcome.sent_bytes}};
  if (outcome.notes != nullptr) {
    for (const auto& note : *outcome.notes)
      std::visit([&](const auto& value) { fields.emplace_back(note.name, value); }, note.value);
  }
  log::write(log::Level::debug, "request", std::span<const log::Field>(fields));
}

http::Router routes_of(App& app, Health& health, const Settings& settings) {
  http::Router router(settings.http_max_body.count);
  Health::add_routes(router, &health);
  app.add_routes(router);
  if (const auto api = app.api()) add_swagger(router, *api);
  return router;
}

/// One run of a daemon. Destruction order matters: the server goes before the app whose handlers it calls.
class Run {
 public:
  Run(asio::io_context& owner, const Settings& settings, const MakeApp& make_app)
      : owner_(owner),
        settings_(settings),
        signals_(owner, SIGTERM, SIGINT),
        app_(make_app(owner)),
        health_(settings.name, *app_),
        server_(owner, routes_of(*app_, health_, settings), limits_of(settings), std::bind_front(&Run::observe, this),
                http::HostList(http::parse_allowed_hosts(settings.allowed_hosts))) {
    health_.watch(server_);
  }

  void start() {
    server_.listen(settings_.listen_address, settings_.port);
    app_->start(server_.port());
    base::spawn(owner_, "signals", until_signal());
    log_budget(budget_of(*app_, limits_of(settings_)), container_memory_limit());
    log::info("listening", {{"port", server_.port()}, {"version", config::version()}});
  }

 private:
  void observe(const http::Outcome& outcome) {
    health_.observe(outcome);
    if (log::enabled(log::Level::debug)) log_request(outcome);
  }

  asio::awaitable<void> until_signal() {
    const int signal = co_await signals_.async_wait(asio::use_awaitable);
    log::info("draining", {{"signal", signal == SIGTERM ? "SIGTERM" : "SIGINT"}});
    signals_.async_wait([](boost::system::error_code error, int) {
      if (error) return;
      log::error("second signal; exiting immediately");
      log::flush();
      std::_Exit(1);
    });
    co_await drain(Clock::now() + settings_.shutdown_grace);
    log::info("stopped");
    owner_.stop();
  }

  asio::awaitable<void> drain(base::TimePoint deadline) {
    health_.set_draining();
    app_->stop_intake();
    // Reserves part of the grace period for finish(): accepted work must reach PostgreSQL even if a client stalls.
    const auto for_server = Clock::now() + (deadline - Clock::now()) * 7 / 10;
    const bool all_responded = co_await server_.drain(for_server);
    if (!all_responded) log::warn("closed connections with requests that did not finish in time");
    co_await app_->finish(deadline);
  }

  asio::io_context& owner_;
  const Settings& settings_;
  asio::signal_set signals_;
  std::unique_ptr<App> app_;
  Health health_;
  http::Server server_;
};

asio::awaitable<void> ask_readyz(asio::io_context& owner, const Settings& settings, int& exit_code) {
  http::Endpoint endpoint;
  boost::system::error_code error;
  const auto address = asio::ip::make_address(settings.listen_address, error);
  endpoint.url.host = error || address.is_unspecified() ? "127.0.0.1" : settings.listen_address;
  endpoint.url.port = settings.port;
  http::ClientRequest request;
  request.target = "/readyz";
  http::Client client(owner);
  try {
    const auto response =
        co_await client.send(std::move(endpoint), std::move(request), Clock::now() + std::chrono::seconds(3));
    exit_code = response.status == 200 ? 0 : 1;
  } catch (const base::Error&) {
    exit_code = 1;
  }
  owner.stop();
}

}  // namespace

int run(const Settings& settings, const MakeApp& make_app) {
  log::init(settings.name, settings.log_level);
  std::signal(SIGPIPE, SIG_IGN);
  // Return large bodies, pages and responses to the system when they are freed. glibc would raise the threshold to the
  // largest block seen, and memory would stay at its peak after a burst. Small blocks belong on the heap, which must
  // not shrink and grow with every request: the default of 128 KiB costs a tenth of the throughput.
  ::mallopt(M_MMAP_THRESHOLD, 1024 * 1024);
  ::mallopt(M_TRIM_THRESHOLD, 4 * 1024 * 1024);
  for (const std::string& note : settings.notes) log::warn("setting adjusted", {{"setting", note}});
  try {
    asio::io_context owner(1);
    Run daemon(owner, settings, make_app);
    daemon.start();
    owner.run();
    log::flush();
    // Only threads remain to be ended. One blocked in getaddrinfo cannot be woken, so it is not waited for.
    std::signal(SIGALRM, [](int) { std::_Exit(0); });
    ::alarm(1);
  } catch (const std::exception& error) {
    log::error("failed to start", {{"error", error.what()}});
    log::flush();
    return 1;
  }
  ::alarm(0);
  return 0;
}

int healthcheck(const Settings& settings) {
  asio::io_context owner(1);
  int exit_code = 1;
  base::spawn(owner, "healthcheck", ask_readyz(owner, settings, exit_code));
  owner.run();
  return exit_code;
}

}  // namespace prompted::service
