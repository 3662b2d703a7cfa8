#pragma once
#include <string>

namespace prompted::config {

/// What git says of the checkout that this was built from (cmake/version.cmake), or "unknown".
std::string version();

}  // namespace prompted::config
