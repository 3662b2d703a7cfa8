#include <iostream>

#include "mqreader/app.hpp"

int main(int argc, char** argv) {
  using namespace prompted;
  mqreader::Config config;
  config::Schema schema("mqreader", "Serves leases and acks of queued telemetry from memory.");
  mqreader::declare(schema, config);
  const auto outcome = schema.load(argc, argv, std::cout, std::cerr);
  if (!outcome.run) return outcome.exit_code;
  if (outcome.healthcheck) return service::healthcheck(config.service);
  return service::run(config.service,
                      [&config](auto& owner) { return std::make_unique<mqreader::App>(owner, config); });
}
