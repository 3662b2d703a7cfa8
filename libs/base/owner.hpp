#pragma once
// The owner rule of docs/architecture.md as something that can be asserted.
#include <cassert>
#include <thread>

namespace prompted::base {

/// Remembers the thread that made it. State that belongs to an owner holds one and asserts it where it is touched.
class OwnerThread {
 public:
  bool here() const { return std::this_thread::get_id() == id_; }
  /// The owner-to-be calls this when an object was built on another thread (tests).
  void adopt() { id_ = std::this_thread::get_id(); }

 private:
  std::thread::id id_ = std::this_thread::get_id();
};

}  // namespace prompted::base
