#include <iostream>

#include "mqwriter/app.hpp"

int main(int argc, char** argv) {
  using namespace prompted;
  mqwriter::Config config;
  config::Schema schema("mqwriter",
                        "Takes telemetry at POST /v1/publish and answers once it is committed to the queue.");
  mqwriter::declare(schema, config);
  const auto outcome = schema.load(argc, argv, std::cout, std::cerr);
  if (!outcome.run) return outcome.exit_code;
  if (outcome.healthcheck) return service::healthcheck(config.service);
  return service::run(config.service,
                      [&config](auto& owner) { return std::make_unique<mqwriter::App>(owner, config); });
}
