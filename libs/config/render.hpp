#pragma once
// What the declarations look like in files: .env.example and docs/configuration.md.
#include <string>
#include <vector>

#include "config/schema.hpp"

namespace prompted::config {

/// Settings grouped by service; one that all (or several) services share with the same default stands in a first group.
/// Every setting that differs by service is commented out, as are defaults that make no sense in a shared file (PORT).
std::string render_env_example(const std::vector<const Schema*>& schemas);
/// A Markdown table `| Variable | Default | Service | Description |`; rows that say the same for several services are
/// one.
std::string render_markdown(const std::vector<const Schema*>& schemas);

}  // namespace prompted::config
