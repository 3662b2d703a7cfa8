#pragma once
// Threads beside the owner's.
#include <pthread.h>

#include <csignal>
#include <thread>
#include <utility>

namespace prompted::base {

/// A thread that takes no signals: they are the owner thread's, and one that met a thread deep inside a wait would be
/// handled when that wait ends (pthreads(7): a process's signal goes to any thread that does not block it).
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
