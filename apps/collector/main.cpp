// Parse the configuration, build the app, run it: nothing else.
#include <iostream>

#include "collector/app.hpp"
#include "collector/config.hpp"
#include "service/daemon.hpp"

int main(int argc, char** argv) {
  using namespace prompted;
  collector::Config config;
  config::Schema schema("collector", "Moves telemetry from the queue into its table");
  collector::declare(schema, config);

  const config::Outcome outcome = schema.load(argc, argv, std::cout, std::cerr);
  if (!outcome.run) return outcome.exit_code;
  if (outcome.healthcheck) return service::healthcheck(config.service);
  return service::run(config.service, [&config](boost::asio::io_context& owner) {
    return std::make_unique<collector::App>(owner, config);
  });
}
