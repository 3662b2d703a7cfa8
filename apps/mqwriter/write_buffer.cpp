#include "mqwriter/write_buffer.hpp"

#include <algorithm>

namespace prompted::mqwriter {

bool WriteBuffer::admits(std::size_t messages, std::size_t bytes) const {
  if (held_messages_ == 0) return true;
  return held_messages_ + messages <= limits_.capacity && held_bytes_ + bytes <= limits_.capacity_bytes;
}

void WriteBuffer::add(PublishPtr publish) {
  waiting_messages_ += publish->messages.size();
  held_messages_ += publish->messages.size();
  held_bytes_ += publish->bytes;
  waiting_.push_back(std::move(publish));
}

bool WriteBuffer::due(base::TimePoint now, std::size_t flushes_running) const {
  if (waiting_.empty() || must_wait()) return false;
  return flushes_running == 0 || waiting_messages_ >= limits_.flush_size || due_at() <= now;
}

bool WriteBuffer::must_wait() const {
  return flushing_bytes_ > 0 && !waiting_.empty() && flushing_bytes_ + waiting_.front()->bytes > flushing_bytes;
}

base::TimePoint WriteBuffer::due_at() const {
  return waiting_.empty() || must_wait() ? base::never : waiting_.front()->arrived + limits_.flush_interval;
}

WriteBuffer::Batch WriteBuffer::take() {
  Batch batch;
  std::size_t messages = 0;
  while (!waiting_.empty()) {
    const Publish& next = *waiting_.front();
    const bool fits = messages + next.messages.size() <= limits_.batch_messages &&
                      batch.bytes + next.bytes <= limits_.batch_bytes &&
                      flushing_bytes_ + batch.bytes + next.bytes <= flushing_bytes;
    if (!batch.publishes.empty() && !fits) break;
    messages += next.messages.size();
    batch.bytes += next.bytes;
    waiting_messages_ -= next.messages.size();
    batch.publishes.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  flushing_bytes_ += batch.bytes;
  return batch;
}

void WriteBuffer::release(const Publish& publish) {
  held_messages_ -= publish.messages.size();
  held_bytes_ -= publish.bytes;
}

bool WriteBuffer::withdraw(const PublishPtr& publish) {
  const auto found = std::find(waiting_.begin(), waiting_.end(), publish);
  if (found == waiting_.end()) return false;
  waiting_messages_ -= publish->messages.size();
  release(*publish);
  waiting_.erase(found);
  return true;
}

double WriteBuffer::utilization() const {
  return std::min(1.0, static_cast<double>(held_messages_) / static_cast<double>(limits_.capacity));
}

}  // namespace prompted::mqwriter
