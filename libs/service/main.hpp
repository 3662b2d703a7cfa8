#pragma once
// The body of every daemon's main(): read the settings, build the app, run it.
#include <iostream>
#include <memory>
#include <string>

#include "config/schema.hpp"
#include "service/daemon.hpp"

namespace prompted::service {

/// `declare` binds the options to a Config, whose member `service` has what all daemons share. Returns the process's
/// exit code: that of --help, --version, --healthcheck or a wrong setting, else run()'s.
template <class DaemonApp, class Config>
int run_main(int argc, char** argv, const std::string& name, const std::string& about,
             void (*declare)(config::Schema&, Config&)) {
  Config config;
  config::Schema schema(name, about);
  declare(schema, config);
  const config::LoadResult outcome = schema.load(argc, argv, std::cout, std::cerr);
  if (!outcome.run) return outcome.exit_code;
  if (outcome.healthcheck) return healthcheck(config.service);
  return run(config.service,
             [&config](boost::asio::io_context& owner) { return std::make_unique<DaemonApp>(owner, config); });
}

}  // namespace prompted::service
