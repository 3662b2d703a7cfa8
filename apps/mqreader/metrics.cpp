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
  const auto& polled = topic.poller().counts();
  const auto& swept = topic.sweeper().counts();
  metrics.gauge("queue_depth", "Messages in memory", number(store.size()), {{"topic", name}});
  metrics.gauge("queue_bytes", "Size of the messages in memory: payload and overhead", number(store.bytes()),
                {{"topic", name}});
  metrics.gauge("queue_ready", "Messages ready to be leased", number(store.ready()), {{"topic", name}});
  metrics.gauge("queue_in_flight", "Messages currently leased", number(store.leased()), {{"topic", name}});
  metrics.gauge("partitions_behind", "Partitions with a backlog in PostgreSQL that does not fit into memory yet",
                number(topic.poller().partitions_behind()), {{"topic", name}});
  metrics.gauge("open_leases", "Open leases that hold messages", number(store.open_leases()), {{"topic", name}});
  metrics.counter("leases_total", "Leases granted", number(moved.leases), {{"topic", name}});
  metrics.counter("deliveries_total", "Messages delivered", number(moved.deliveries), {{"topic", name}});
  metrics.counter("redeliveries_total", "Messages redelivered", number(moved.redeliveries), {{"topic", name}});
  metrics.counter("lease_expiries_total", "Messages whose lease expired", number(moved.expired), {{"topic", name}});
  metrics.counter("nacks_total", "Messages rejected (nacked)", number(moved.nacked), {{"topic", name}});
  metrics.counter("dead_letters_total", "Messages moved to dead_letters", number(moved.dead_lettered),
                  {{"topic", name}});
  metrics.counter("acks_total", "Messages acknowledged", number(moved.acked), {{"topic", name}});
  metrics.counter("forgotten_total", "Messages dropped from memory because their row was already gone",
                  number(moved.forgotten), {{"topic", name}});
  metrics.counter("polls_total", "Poll statements executed", number(polled.polls), {{"topic", name}});
  metrics.counter("poll_failures_total", "Poll statements that failed", number(polled.poll_failures),
                  {{"topic", name}});
  metrics.counter("rows_polled_total", "Rows loaded by polls", number(polled.rows), {{"topic", name}});
  metrics.counter("restarts_total", "Times the queue was read again from the beginning", number(polled.restarts),
                  {{"topic", name}});
  metrics.counter("sweeps_total", "Sweeps for rows that polling missed", number(swept.sweeps), {{"topic", name}});
  metrics.counter("late_rows_healed_total", "Rows that polling missed and a sweep found; must stay 0",
                  number(swept.missed_rows), {{"topic", name}});
  metrics.counter("foreign_rows_total", "Rows written by another database cluster and adopted",
                  number(polled.foreign_rows), {{"topic", name}});
  metrics.histogram("poll_duration_seconds", "Duration of a poll statement", polled.poll_seconds, {{"topic", name}});
}

}  // namespace

void write_metrics(service::MetricsWriter& metrics, const Broker& broker) {
  double oldest = 0;
  for (const auto& partition : overview(broker).partitions) oldest = std::max(oldest, partition.oldest_age_seconds);
  metrics.gauge("oldest_message_age_seconds", "Age of the oldest message in memory", oldest);
  metrics.gauge("partitions_owned", "Partitions that this reader owns", number(broker.partitions().size()));
  metrics.gauge("topics_loaded", "Topics in memory", number(broker.topics().size()));
  const Memory used = broker.memory().used();
  metrics.gauge("memory_messages", "Messages in memory, all topics", number(used.messages));
  metrics.gauge("memory_bytes", "Size of the messages in memory, all topics: payload and overhead", number(used.bytes));
  metrics.gauge("lease_response_bytes", "Size of lease responses waiting to be sent",
                number(broker.lease_memory().used()));
  metrics.counter("topics_evicted_total", "Idle topics evicted from memory", number(broker.evicted()));
  for (const auto& [name, topic] : broker.topics()) write_topic(metrics, *topic);
  const auto& settled = broker.ack_committer().counts();
  metrics.counter("deletes_total", "DELETE statements for acknowledged messages", number(settled.deletes));
  metrics.counter("deleted_messages_total", "Messages deleted by these statements", number(settled.deleted_messages));
  metrics.counter("delete_failures_total", "DELETE statements that failed and were retried", number(settled.failures));
  metrics.gauge("deletes_waiting", "Acknowledged messages waiting for their DELETE",
                number(broker.ack_committer().waiting()));
  metrics.histogram("ack_commit_seconds", "Duration of a DELETE including its commit", settled.commit_seconds);
}

void write_backlog(service::MetricsWriter& metrics, const BacklogView& backlog) {
  const double now = std::chrono::duration<double>(base::now_utc().time_since_epoch()).count();
  for (const auto& topic : backlog.topics) {
    metrics.gauge("queue_rows", "Messages in the table in this reader's partitions, counted every 10 s",
                  number(topic.rows), {{"topic", topic.name}});
    metrics.gauge("queue_oldest_age_seconds", "Age of the oldest message in the table in this reader's partitions",
                  std::max(0.0, now - topic.oldest_created), {{"topic", topic.name}});
  }
  metrics.gauge("stranded_rows", "Messages in partitions beyond MQ_PARTITION_COUNT; run make partitions to move them",
                number(backlog.stranded));
}

}  // namespace prompted::mqreader
