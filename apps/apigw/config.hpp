#pragma once
// The gateway's options, each declared once.
#include "config/schema.hpp"
#include "postgres/dsn.hpp"
#include "service/settings.hpp"

namespace prompted::apigw {

struct Config {
  service::Settings service;
  service::DatabaseSettings database;
};

inline void declare(config::Schema& schema, Config& config) {
  config.service.name = schema.service();
  service::declare(schema, config.service, {.port = "8080", .max_body = "64KiB", .response_budget = "20MiB"});
  service::declare(schema, config.service, config.database, {pg::check_dsn, pg::adapt_dsn});
}

}  // namespace prompted::apigw
