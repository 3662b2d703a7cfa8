#include "config/version.hpp"

// Set for this file alone (CMakeLists.txt): the version changes with every commit, and nothing else shall be compiled
// again.
#ifndef PROMPTED_VERSION
#define PROMPTED_VERSION "unknown"
#endif

namespace prompted::config {

std::string version() { return PROMPTED_VERSION; }

}  // namespace prompted::config
