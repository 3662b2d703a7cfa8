#pragma once
// Renders the declarations as .env.example and docs/configuration.md.
#include <string>
#include <vector>

#include "config/schema.hpp"

namespace prompted::config {

/// Groups settings by service, after a first group of those that several services share with the same default. Comments
/// out settings that differ by service, and defaults that make no sense in a shared file (PORT).
std::string render_env_example(const std::vector<const Schema*>& schemas);
/// A Markdown table `| Variable | Default | Service | Description |`; identical rows of several services are merged.
std::string render_markdown(const std::vector<const Schema*>& schemas);

}  // namespace prompted::config
