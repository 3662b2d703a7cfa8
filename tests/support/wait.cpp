#include "support/wait.hpp"

#include <poll.h>

#include <algorithm>

namespace prompted::test {

bool eventually(const std::function<bool()>& condition, std::chrono::milliseconds limit) {
  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + limit;
  for (int pause_ms = 1; !condition(); pause_ms = std::min(pause_ms * 2, 20)) {
    if (Clock::now() >= deadline) return condition();
    ::poll(nullptr, 0, pause_ms);  // the only sleep in tests: another process's state offers nothing to wait on
  }
  return true;
}

}  // namespace prompted::test
