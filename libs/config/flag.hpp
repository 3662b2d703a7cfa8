#pragma once
// Internal to libs/config: flag names and --help.
#include <iosfwd>
#include <string>
#include <string_view>

#include "config/schema.hpp"

namespace prompted::config {

/// MQ_FLUSH_INTERVAL → --mq-flush-interval
std::string flag_of(std::string_view variable);

void print_help(std::ostream& out, const Schema& schema);

}  // namespace prompted::config
