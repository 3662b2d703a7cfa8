// A row's path through the streamer: CSV bytes → fields → the JSON object that is published.
#include <benchmark/benchmark.h>

#include <fstream>
#include <sstream>

#include "streamer/columns.hpp"
#include "streamer/csv_reader.hpp"
#include "streamer/row_json.hpp"

namespace prompted::bench {
namespace {

std::string read_file(const char* path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

void csv_rows_to_json(benchmark::State& state) {
  const std::string file = read_file(PROMPTED_SOURCE "/tests/system/dcgm-slice.csv");
  if (file.empty()) return state.SkipWithError("tests/system/dcgm-slice.csv is not there");
  std::int64_t rows = 0, bytes = 0;
  for (auto _ : state) {
    streamer::CsvReader reader;
    reader.feed(file);
    reader.end();
    const auto columns = streamer::read_header(reader.next()->fields);
    while (auto record = reader.next()) {
      if (record->kind != streamer::CsvRecord::Kind::row) continue;
      const auto json =
          streamer::row_json("2026-11-23T12:00:00.000000Z", streamer::row_json_tail(columns, record->fields));
      bytes += static_cast<std::int64_t>(json.size());
      ++rows;
    }
  }
  if (rows == 0) state.SkipWithError("no rows were read");
  state.SetItemsProcessed(rows);
  state.SetBytesProcessed(bytes);
}
BENCHMARK(csv_rows_to_json);

}  // namespace
}  // namespace prompted::bench
