// Parse the configuration, build the app, run it: nothing else.
#include <iostream>

#include "apigw/app.hpp"
#include "apigw/config.hpp"
#include "service/daemon.hpp"

int main(int argc, char** argv) {
  using namespace prompted;
  apigw::Config config;
  config::Schema schema("apigw", "Serves the history of GPU telemetry over REST");
  apigw::declare(schema, config);

  const config::Outcome outcome = schema.load(argc, argv, std::cout, std::cerr);
  if (!outcome.run) return outcome.exit_code;
  if (outcome.healthcheck) return service::healthcheck(config.service);
  return service::run(config.service, [&config](boost::asio::io_context& owner) {
    return std::make_unique<apigw::App>(owner, config);
  });
}
