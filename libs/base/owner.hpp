#pragma once
// Checks at run time what headers state as "Owner: one thread" (docs/architecture.md, ownership).
#include <source_location>
#include <thread>

namespace prompted::base {

/// Remembers the thread that made it. A class whose header says "Owner:" holds one and checks it first thing in each
/// public function; a getter of one line may leave it out, and so may a destructor. A call from another thread ends the
/// process with the name of the function. A release build (NDEBUG) checks nothing and stores nothing:
///   [[no_unique_address]] base::OwnerThread owner_thread_;
/// A daemon makes its objects on the thread that then runs the io_context; a test that runs one on a thread of its own
/// makes them there.
class OwnerThread {
 public:
#ifdef NDEBUG
  void check() const noexcept {}
#else
  void check(std::source_location where = std::source_location::current()) const noexcept {
    if (std::this_thread::get_id() != id_) fail(where.function_name());
  }

 private:
  [[noreturn]] static void fail(const char* function) noexcept;

  std::thread::id id_ = std::this_thread::get_id();
#endif
};

}  // namespace prompted::base
