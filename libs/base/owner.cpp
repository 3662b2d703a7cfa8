#include "base/owner.hpp"

#ifndef NDEBUG
#include <cstdio>
#include <cstdlib>

namespace prompted::base {

void OwnerThread::fail(const char* function) noexcept {
  std::fprintf(stderr, "not the owner's thread: %s\n", function);
  std::abort();
}

}  // namespace prompted::base
#endif
