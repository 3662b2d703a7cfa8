// Formatting of timestamps and of apigw's entries.
#include <benchmark/benchmark.h>

#include "apigw/entry_json.hpp"
#include "base/time.hpp"
#include "load/rows.hpp"

namespace prompted::bench {
namespace {

void parse_rfc3339(benchmark::State& state) {
  const std::string text = "2026-11-23T12:00:00.123456Z";
  for (auto _ : state) {
    std::string_view view = text;
    benchmark::DoNotOptimize(view);
    benchmark::DoNotOptimize(base::parse_rfc3339(view));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(parse_rfc3339);

void append_rfc3339(benchmark::State& state) {
  const auto instant = base::now_utc();
  std::string out;
  for (auto _ : state) {
    out.clear();
    base::append_rfc3339(out, instant);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(append_rfc3339);

void row_to_json_entry(benchmark::State& state) {
  const auto telemetry = make_rows().front().telemetry;
  const apigw::EntryTexts texts{"018f0000-0000-7000-8000-000000000000",
                                telemetry.gpu_id.c_str(),
                                telemetry.metric_name.c_str(),
                                "2026-11-23 12:00:00.123456+00",
                                telemetry.device->c_str(),
                                telemetry.model_name->c_str(),
                                telemetry.hostname->c_str(),
                                nullptr,
                                nullptr,
                                nullptr,
                                "42.5",
                                telemetry.labels_raw->c_str(),
                                "2026-11-23 12:00:00.25+00"};
  std::string out;
  std::size_t bytes = 0;
  for (auto _ : state) {
    out.clear();
    apigw::append_entry(out, texts);
    benchmark::DoNotOptimize(out.data());
    bytes += out.size();
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}
BENCHMARK(row_to_json_entry);

}  // namespace
}  // namespace prompted::bench
