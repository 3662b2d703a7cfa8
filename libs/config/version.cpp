#include "config/version.hpp"

// Defined for this file only (CMakeLists.txt): the version changes with every commit, and no other file should be
// recompiled.
#ifndef PROMPTED_VERSION
#define PROMPTED_VERSION "unknown"
#endif

namespace prompted::config {

std::string version() { return PROMPTED_VERSION; }

}  // namespace prompted::config
