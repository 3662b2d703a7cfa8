// mqreader's memory at 50,000 messages (READER_MEMORY_MESSAGES): a lease of 500 and its ack, with the same number of
// new rows.
#include <benchmark/benchmark.h>

#include "base/uuid.hpp"
#include "load/rows.hpp"
#include "mqreader/lease/message_table.hpp"

namespace prompted::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t held = 50'000;
constexpr std::size_t batch = 500;

struct Filled {
  Filled() : store(mqreader::TableLimits{2 * held, 1L << 30, 5}, partition_count), rows(make_rows()) {
    std::vector<int> all(partition_count);
    for (int i = 0; i < partition_count; ++i) all[static_cast<std::size_t>(i)] = i;
    store.set_partitions(all);
    add(held);
  }
  void add(std::int64_t count) {
    for (; count > 0; --count) {
      const Row& from = rows[static_cast<std::size_t>(next) % rows.size()];
      mqreader::Row row;
      row.id = ++next;
      row.xid = static_cast<std::uint64_t>(next);
      row.partition = from.partition;
      row.uuid = uuids.next();
      row.payload = from.json;
      store.add(std::move(row), true);
    }
  }

  mqreader::MessageTable store;
  std::vector<Row> rows;
  base::UuidV7Generator uuids;
  std::int64_t next = 0;
  base::TimePoint now = base::TimePoint{} + 1000s;
};

void lease_and_ack_500_of_50000(benchmark::State& state) {
  Filled filled;
  for (auto _ : state) {
    const auto lease_id = filled.uuids.next();
    const auto grant = filled.store.lease(lease_id, "bench", batch, 30s, filled.now);
    if (grant.deliveries.size() != batch) state.SkipWithError("the lease is not full");
    for (const auto& key : filled.store.ack(lease_id, "bench", std::nullopt)) filled.store.removed(key);
    filled.now += 1ms;
    filled.store.advance(filled.now);
    state.PauseTiming();
    filled.add(batch);
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(batch));
}
BENCHMARK(lease_and_ack_500_of_50000);

void add_500_to_50000(benchmark::State& state) {
  Filled filled;
  for (auto _ : state) {
    filled.add(batch);
    state.PauseTiming();
    const auto lease_id = filled.uuids.next();
    filled.store.lease(lease_id, "bench", batch, 30s, filled.now);
    for (const auto& key : filled.store.ack(lease_id, "bench", std::nullopt)) filled.store.removed(key);
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(batch));
}
BENCHMARK(add_500_to_50000);

}  // namespace
}  // namespace prompted::bench
