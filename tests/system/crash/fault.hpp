#pragma once
// A fault: how it begins and how it is repaired.
#include <chrono>
#include <functional>
#include <string>

namespace prompted::test::crash {

struct Fault {
  std::string name;
  std::chrono::milliseconds hold{0};     ///< between begin and end
  std::function<std::size_t()> waiting;  ///< requests in flight at its target
  std::function<void()> begin;
  std::function<void()> end;  ///< repairs it
};

/// Lets a fault last for `duration`: there is no condition to wait for.
void last(std::chrono::milliseconds duration);

}  // namespace prompted::test::crash
