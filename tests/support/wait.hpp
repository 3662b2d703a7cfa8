#pragma once
// Waits for a condition, for tests that watch other processes.
#include <chrono>
#include <functional>

namespace prompted::test {

/// Polls `condition` every few milliseconds until it is true; returns false when the limit passes.
bool eventually(const std::function<bool()>& condition,
                std::chrono::milliseconds limit = std::chrono::milliseconds{20000});

}  // namespace prompted::test
