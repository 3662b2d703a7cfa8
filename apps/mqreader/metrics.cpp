#include "mqreader/metrics.hpp"

#include <algorithm>

#include "base/time.hpp"
#include "mqreader/overview.hpp"

namespace prompted::mqreader {

namespace {

double number(auto n) { return static_cast<double>(n); }

void write_topic(service::MetricsWriter& metrics, const Topic& topic) {
  const std::string& name = topic.name();
  const auto& store = topic.messages();
  const auto& moved = store.counts();
  const auto& polled = topic.counts();
  metrics.gauge("queue_depth", "Messages in memory", number(store.size()), {{"topic", name}});
  metrics.gauge("queue_bytes", "Their payload and overhead", number(store.bytes()), {{"topic", name}});
  metrics.gauge("queue_ready", "Messages that may be leased", number(store.ready()), {{"topic", name}});
  metrics.gauge("queue_in_flight", "Messages that are leased", number(store.leased()), {{"topic", name}});
  metrics.gauge("partitions_behind", "Partitions with a backlog that memory has no room for yet",
                number(topic.partitions_behind()), {{"topic", name}});
  metrics.gauge("open_leases", "Leases with messages", number(store.open_leases()), {{"topic", name}});
  metrics.counter("leases_total", "Leases granted", number(moved.leases), {{"topic", name}});
  metrics.counter("deliveries_total", "Messages handed out", number(moved.deliveries), {{"topic", name}});
  metrics.counter("redeliveries_total", "Messages handed out again", number(moved.redeliveries), {{"topic", name}});
  metrics.counter("lease_expiries_total", "Messages whose lease ran out", number(moved.expired), {{"topic", name}});
  metrics.counter("nacks_total", "Messages given back", number(moved.nacked), {{"topic", name}});
  metrics.counter("dead_letters_total", "Messages moved to dead_letters", number(moved.buried), {{"topic", name}});
  metrics.counter("acks_total", "Messages acknowledged", number(moved.acked), {{"topic", name}});
  metrics.counter("forgotten_total", "Messages that were consumed elsewhere", number(moved.forgotten),
                  {{"topic", name}});
  metrics.counter("polls_total", "Poll statements", number(polled.polls), {{"topic", name}});
  metrics.counter("poll_failures_total", "Poll statements that failed", number(polled.poll_failures),
                  {{"topic", name}});
  metrics.counter("rows_polled_total", "Rows taken in", number(polled.rows), {{"topic", name}});
  metrics.counter("restarts_total", "Times the queue was read from the beginning", number(polled.restarts),
                  {{"topic", name}});
  metrics.counter("sweeps_total", "Checks for missed rows", number(polled.sweeps), {{"topic", name}});
  metrics.counter("late_rows_healed_total", "Rows that a sweep found and the poll had missed: must stay 0",
                  number(polled.missed_rows), {{"topic", name}});
  metrics.counter("foreign_rows_total", "Rows taken over from another cluster's xids", number(polled.foreign_rows),
                  {{"topic", name}});
  metrics.histogram("poll_duration_seconds", "One poll statement", polled.poll_seconds, {{"topic", name}});
}

}  // namespace

void write_metrics(service::MetricsWriter& metrics, const Broker& broker) {
  double oldest = 0;
  for (const auto& partition : overview(broker).partitions) oldest = std::max(oldest, partition.oldest_age_seconds);
  metrics.gauge("oldest_message_age_seconds", "Since the oldest message in memory was published", oldest);
  metrics.gauge("partitions_owned", "Partitions that this reader serves", number(broker.partitions().size()));
  metrics.gauge("topics_loaded", "Topics in memory", number(broker.topics().size()));
  const Memory used = broker.memory().used();
  metrics.gauge("memory_messages", "Messages in memory, of all topics", number(used.messages));
  metrics.gauge("memory_bytes", "Their payload and overhead", number(used.bytes));
  metrics.gauge("lease_response_bytes", "Lease responses on their way to their clients",
                number(broker.lease_memory().used()));
  metrics.counter("topics_evicted_total", "Topics that were forgotten because nobody used them",
                  number(broker.evicted()));
  for (const auto& [name, topic] : broker.topics()) write_topic(metrics, *topic);
  const auto& settled = broker.settler().counts();
  metrics.counter("deletes_total", "DELETE statements for acknowledged messages", number(settled.deletes));
  metrics.counter("deleted_messages_total", "Messages that they removed", number(settled.deleted_messages));
  metrics.counter("delete_failures_total", "DELETE statements that failed and were repeated", number(settled.failures));
  metrics.gauge("deletes_waiting", "Acknowledged messages that wait for their DELETE",
                number(broker.settler().waiting()));
  metrics.histogram("ack_commit_seconds", "One DELETE with its commit", settled.commit_seconds);
}

void write_backlog(service::MetricsWriter& metrics, const BacklogView& backlog) {
  const double now = std::chrono::duration<double>(base::now_utc().time_since_epoch()).count();
  for (const auto& topic : backlog.topics) {
    metrics.gauge("queue_rows", "Messages in the table, of this reader's partitions, counted every 10 s",
                  number(topic.rows), {{"topic", topic.name}});
    metrics.gauge("queue_oldest_age_seconds", "Since the oldest of them was published",
                  std::max(0.0, now - topic.oldest_created), {{"topic", topic.name}});
  }
  metrics.gauge("stranded_rows", "Messages in partitions beyond the queue's count: make partitions moves them",
                number(backlog.stranded));
}

}  // namespace prompted::mqreader
