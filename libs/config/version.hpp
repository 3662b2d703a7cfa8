#pragma once
#include <string>

namespace prompted::config {

/// The git version of the checkout this was built from (cmake/version.cmake), or "unknown".
std::string version();

}  // namespace prompted::config
