#pragma once
// Threads that start together. The first exception is rethrown where they are joined.
#include <barrier>
#include <cstddef>
#include <exception>
#include <functional>
#include <thread>
#include <vector>

#include "load/clock.hpp"

namespace prompted::bench {

/// Runs `prepare(i)` in each thread, waits for all, then runs the functions returned. Returns how long these took
/// together, in seconds.
inline double run_crew(std::size_t count, const std::function<std::function<void()>(std::size_t)>& prepare) {
  std::vector<std::exception_ptr> errors(count);
  double begun = 0;
  std::barrier ready(static_cast<std::ptrdiff_t>(count), [&begun]() noexcept { begun = now(); });
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      std::function<void()> work;
      try {
        work = prepare(i);
      } catch (...) {
        errors[i] = std::current_exception();
      }
      ready.arrive_and_wait();
      try {
        if (work) work();
      } catch (...) {
        errors[i] = std::current_exception();
      }
    });
  }
  threads.clear();  // joins
  const double took = now() - begun;
  for (const auto& error : errors)
    if (error) std::rethrow_exception(error);
  return took;
}

}  // namespace prompted::bench
