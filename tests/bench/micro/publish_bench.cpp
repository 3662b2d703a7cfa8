// mqwriter's work on a publish before the database: one scan of the body, the partition of each GPU.
#include <benchmark/benchmark.h>

#include "load/rows.hpp"
#include "models/partition.hpp"
#include "models/publish.hpp"

namespace prompted::bench {
namespace {

void scan_publish_of_500_rows(benchmark::State& state) {
  const auto rows = make_rows();
  const std::string body = make_bodies("telemetry", rows, 500, 0).front().stamped(base::now_utc());
  for (auto _ : state) benchmark::DoNotOptimize(models::scan_publish(body));
  state.SetItemsProcessed(state.iterations() * 500);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}
BENCHMARK(scan_publish_of_500_rows);

void partition_of_a_gpu(benchmark::State& state) {
  const std::string gpu = make_rows().front().telemetry.gpu_id;
  for (auto _ : state) {
    std::string_view text = gpu;
    benchmark::DoNotOptimize(text);
    benchmark::DoNotOptimize(models::partition_of(text, partition_count));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(partition_of_a_gpu);

}  // namespace
}  // namespace prompted::bench
