// An export of any length takes constant memory, however slowly the client reads.

#include "service/apigw_fixture.hpp"

namespace prompted::test {
namespace {

class ApigwMemory : public Apigw {
 protected:
  double metric(const std::string& name) const {
    const std::string text = ask("/metrics").body;
    const std::string line = "\nprompted_apigw_" + name + " ";
    return std::stod(text.substr(text.find(line) + line.size()));
  }
};

TEST_F(ApigwMemory, AnExportOf300000RowsToASlowReader) {
  constexpr int rows = 300000;
  sql("ALTER TABLE telemetry SET UNLOGGED; INSERT INTO telemetry (uuid, gpu_id, metric_name, \"timestamp\", device, "
      "value, "
      "labels_raw) SELECT lpad(to_hex(g), 32, '0')::uuid, 'GPU-1', 'DCGM_FI_DEV_GPU_UTIL', timestamptz "
      "'2026-01-01T00:00:00Z' + g * interval '1 second', 'nvidia0', g, repeat('x', 150) FROM generate_series(1, " +
      std::to_string(rows) + ") g");
  start();
  RawSocket reader(daemon->port());
  reader.set_receive_buffer(16384);
  reader.send("GET /api/v1/gpus/GPU-1/telemetry?format=ndjson HTTP/1.1\r\nHost: x\r\n\r\n");
  std::string rest = reader.read_until("\r\n\r\n");
  ASSERT_NE(rest.find(" 200 "), std::string::npos) << rest;
  // The client reads nothing until apigw has filled the socket buffers and waits.
  double before = -1;
  ASSERT_TRUE(eventually([&] { return std::exchange(before, metric("rows_returned_total")) == before; }));
  EXPECT_LT(before, 100000);

  // The uuids count up, which reveals a missing or misplaced row.
  int next = 1;
  while (next <= rows) {
    const std::string piece = reader.read_until("\n", std::chrono::seconds(30));
    ASSERT_FALSE(piece.empty()) << "ended after " << next - 1 << " rows";
    rest += piece;
    const std::size_t whole = rest.rfind('\n') + 1;
    for (const std::string& uuid : members(rest.substr(0, whole), "uuid")) {
      std::string digits = uuid;
      std::erase(digits, '-');
      ASSERT_EQ(std::stol(digits, nullptr, 16), next);
      ++next;
    }
    rest.erase(0, whole);
  }
  const long peak = daemon->peak_kib();
  std::cout << rows << " rows exported, peak RSS of apigw " << peak << " KiB\n";
  ASSERT_GT(peak, 0);
  if (plain_build) {
    EXPECT_LT(peak, 64 * 1024);
  }
  EXPECT_EQ(metric("rows_returned_total"), rows);
}

}  // namespace
}  // namespace prompted::test
