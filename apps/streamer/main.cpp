#include <iostream>
#include <memory>

#include "service/daemon.hpp"
#include "streamer/app.hpp"
#include "streamer/config.hpp"

int main(int argc, char** argv) {
  namespace service = prompted::service;
  namespace streamer = prompted::streamer;

  streamer::Config config;
  prompted::config::Schema schema("streamer", "Streams a CSV file of GPU telemetry to mqwriter");
  streamer::declare(schema, config);
  const auto outcome = schema.load(argc, argv, std::cout, std::cerr);
  if (!outcome.run) return outcome.exit_code;
  if (outcome.healthcheck) return service::healthcheck(config.service);

  return service::run(config.service, [&config](boost::asio::io_context& owner) -> std::unique_ptr<service::App> {
    return std::make_unique<streamer::App>(owner, config);
  });
}
