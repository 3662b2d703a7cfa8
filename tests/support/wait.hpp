#pragma once
// Awaiting a condition, for tests that watch other processes.
#include <chrono>
#include <functional>

namespace prompted::test {

/// Asks `condition` (again every few milliseconds) until it is true; false when the limit passed.
bool eventually(const std::function<bool()>& condition,
                std::chrono::milliseconds limit = std::chrono::milliseconds{20000});

}  // namespace prompted::test
