#pragma once
// One fault: how it begins and how it is healed.
#include <chrono>
#include <functional>
#include <string>

namespace prompted::test::crash {

struct Fault {
  std::string name;
  std::chrono::milliseconds hold{0};     ///< between begin and end
  std::function<std::size_t()> waiting;  ///< requests in flight where it will hit
  std::function<void()> begin;
  std::function<void()> end;  ///< heals it
};

/// A fault lasts: nothing is to be waited for.
void last(std::chrono::milliseconds duration);

}  // namespace prompted::test::crash
