#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "postgres/database_impl.hpp"

namespace prompted::pg {

Database::Database(asio::io_context& owner, Options options)
    : impl_(std::make_unique<Impl>(owner, std::move(options))) {}
Database::~Database() = default;

asio::awaitable<void> Database::perform(Job& job, base::TimePoint deadline) {
  job.deadline = deadline;
  auto initiate = [impl = impl_.get(), &job](auto handler) {
    auto held = std::make_shared<decltype(handler)>(std::move(handler));
    job.deliver = [held] { std::move (*held)(); };
    impl->submit(job);
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(std::move(initiate), asio::use_awaitable);
  if (job.error) std::rethrow_exception(job.error);
}

bool Database::ready() const {
  impl_->thread.check();
  return impl_->connected() > 0;
}

Database::Trouble Database::trouble() const {
  if (ready()) return {"postgres", ""};
  if (impl_->refusal) return {impl_->refusal->what_is_wrong, impl_->refusal->what()};
  return {"postgres", "unreachable"};
}

PoolStats Database::stats() const {
  impl_->thread.check();
  PoolStats stats;
  stats.workers = static_cast<int>(impl_->workers.size());
  stats.connected = impl_->connected();
  stats.busy = static_cast<int>(impl_->busy());
  stats.waiting = impl_->waiting.size();
  stats.jobs = impl_->jobs;
  stats.connects = impl_->connects;
  stats.lost = impl_->lost_connections;
  stats.statements = impl_->statements;
  return stats;
}

asio::awaitable<void> Database::stop(base::TimePoint deadline) {
  Impl& impl = *impl_;
  impl.thread.check();
  while (!impl.waiting.empty() || impl.busy() > 0) {
    const bool in_time = co_await impl.changed.wait_until(deadline);
    if (!in_time) break;
  }
  impl.stopping = true;
  impl.ping_timer.cancel();
  impl.queue_timer.cancel();
  for (auto& worker : impl.workers) worker->retry.cancel();
  impl.refuse_all_waiting();
  for (auto& worker : impl.workers) worker->cut();
}

}  // namespace prompted::pg
