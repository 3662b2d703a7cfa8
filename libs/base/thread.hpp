#pragma once
// Starts threads other than the owner's.
#include <pthread.h>

#include <csignal>
#include <thread>
#include <utility>

namespace prompted::base {

/// Starts a thread with all signals blocked, so that they reach the owner thread. pthreads(7): a process's signal goes
/// to any thread that does not block it, and one inside a long wait would handle it only when that wait ends.
template <class Work>
std::thread start_thread(Work work) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread(std::move(work));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace prompted::base
