#include "base/spawn.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <cstdlib>
#include <utility>

#include "base/log.hpp"

namespace prompted::base {
namespace asio = boost::asio;
namespace {

constexpr int exit_internal_error = 70;  // EX_SOFTWARE of sysexits.h

[[noreturn]] void end_process(const std::string& name, const char* what) {
  log::error("coroutine failed; exiting", {{"coroutine", name}, {"error", what}});
  log::flush();
  std::_Exit(exit_internal_error);  // no destructors: they would see inconsistent state
}

void judge(const std::string& name, const std::exception_ptr& failure) {
  if (!failure) return;
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& error) {
    if (error.code() != asio::error::operation_aborted) end_process(name, error.what());
  } catch (const std::exception& error) {
    end_process(name, error.what());
  } catch (...) {
    end_process(name, "not a std::exception");
  }
}

}  // namespace

void spawn(asio::io_context& owner, std::string name, asio::awaitable<void> work) {
  asio::co_spawn(owner, std::move(work),
                 [name = std::move(name)](const std::exception_ptr& failure) { judge(name, failure); });
}

void TaskGroup::spawn(std::string name, asio::awaitable<void> work) {
  owner_thread_.check();
  ++running_;
  base::spawn(owner_, std::move(name), counted(std::move(work)));
}

// No guard object: a frame destroyed with the io_context must not touch the group, which is destroyed already.
asio::awaitable<void> TaskGroup::counted(asio::awaitable<void> work) {
  std::exception_ptr failure;
  try {
    co_await std::move(work);
  } catch (...) {
    failure = std::current_exception();
  }
  --running_;
  changed_.notify();
  if (failure) std::rethrow_exception(failure);
}

asio::awaitable<bool> TaskGroup::finished(TimePoint deadline) {
  owner_thread_.check();
  while (running_ > 0) {
    const bool notified = co_await changed_.wait_until(deadline);
    if (!notified) break;
  }
  co_return running_ == 0;
}

}  // namespace prompted::base
