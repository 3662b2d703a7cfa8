// JSON, NDJSON and CSV; gzip; and an export that is imported again through streamer and mqwriter.
#include <zlib.h>

#include "service/apigw_fixture.hpp"
#include "unit/streamer/scratch.hpp"

namespace prompted::test {
namespace {

const std::string path = "/api/v1/gpus/GPU-1/telemetry";
const std::vector<std::string> columns{"timestamp", "metric_name", "gpu_id", "device",    "uuid",  "model_name",
                                       "hostname",  "container",   "pod",    "namespace", "value", "labels_raw"};

/// RFC 4180, every field as text.
std::vector<std::vector<std::string>> read_csv(const std::string& text) {
  std::vector<std::vector<std::string>> lines(1, std::vector<std::string>(1));
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c != '"') lines.back().back() += c;
      else if (text.compare(i, 2, "\"\"") == 0) lines.back().back() += text[++i];
      else quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == ',') {
      lines.back().emplace_back();
    } else if (text.compare(i, 2, "\r\n") == 0) {
      ++i;
      lines.emplace_back(1);
    } else {
      lines.back().back() += c;
    }
  }
  EXPECT_EQ(lines.back(), std::vector<std::string>(1)) << "the last line has its end";
  lines.pop_back();
  return lines;
}

std::string gunzip(const std::string& bytes) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  int status = Z_OK;
  while (status == Z_OK) {
    char piece[65536];
    stream.next_out = reinterpret_cast<Bytef*>(piece);
    stream.avail_out = sizeof piece;
    status = inflate(&stream, Z_NO_FLUSH);
    out.append(piece, sizeof piece - stream.avail_out);
  }
  EXPECT_EQ(status, Z_STREAM_END);
  EXPECT_EQ(stream.avail_in, 0u) << "one member and nothing behind it";
  inflateEnd(&stream);
  return out;
}

class ApigwFormats : public Apigw {
 protected:
  /// Texts that each format quotes differently, absent texts, and numbers of every kind.
  void seed_odd_rows() const {
    sql(R"(INSERT INTO telemetry (uuid, gpu_id, metric_name, "timestamp", device, model_name, hostname, container, pod,
             namespace, value, labels_raw)
           SELECT md5(n::text)::uuid, 'GPU-1', 'm', timestamptz '2026-01-01T00:00:00.000001Z' + n * interval '1 second',
                  'nvidia' || n, t, CASE WHEN n % 2 = 0 THEN t END, t || n, nullif(t, 'plain'), t, v, t || t
             FROM unnest(ARRAY['plain', 'a,b', 'say "yes"', '"', E'two\nlines', E'two\r\nlines', ' blanks ', E'\ttab',
                               'ä€😀', 'DCGM{gpu="0",x="a b"}', '\', E'\x01', '=1+1'],
                         ARRAY[0, -0.0, 1, 0.1, 1e300, 5e-324, -12345.678, 9007199254740993,
                               100, 1e22, 'NaN', NULL, 42]::float8[])
                  WITH ORDINALITY AS r(t, v, n))");
  }
};

TEST_F(ApigwFormats, NdjsonIsTheEntriesALineEach) {
  seed_odd_rows();
  start();
  const json expected = rows("true");
  ASSERT_EQ(expected.size(), 13u);
  const Reply response = ask(path + "?format=ndjson");
  EXPECT_EQ(response.header("content-type"), "application/x-ndjson");
  json lines = json::array();
  for (std::size_t at = 0; at < response.body.size();) {
    const auto end = response.body.find('\n', at);
    ASSERT_NE(end, std::string::npos);
    lines.push_back(json::parse(response.body.substr(at, end - at)));
    at = end + 1;
  }
  expect_entries(lines, expected, "ndjson");
  expect_entries(entries(path), expected, "json");
}

TEST_F(ApigwFormats, CsvHasTheSameFields) {
  seed_odd_rows();
  start();
  const Reply response = ask(path + "?format=csv");
  EXPECT_TRUE(response.header("content-type").starts_with("text/csv")) << response.header("content-type");
  const auto lines = read_csv(response.body);
  const json expected = rows("true");
  ASSERT_EQ(lines.size(), expected.size() + 1);
  EXPECT_EQ(lines[0], columns);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ASSERT_EQ(lines[i + 1].size(), columns.size());
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const json& wanted = expected[i][columns[c]];
      const std::string& field = lines[i + 1][c];
      if (wanted.is_null()) EXPECT_EQ(field, "") << columns[c];
      else if (wanted.is_string()) EXPECT_EQ(field, wanted.get<std::string>()) << columns[c];
      else EXPECT_EQ(std::stod(field == "5e-324" ? "0x1p-1074" : field), wanted.get<double>()) << columns[c];
    }
  }
}

TEST_F(ApigwFormats, AcceptChoosesAndFormatWins) {
  seed_odd_rows();
  start();
  const struct {
    const char* accept;
    const char* query;
    const char* type;
  } cases[] = {{"", "", "application/json"},
               {"*/*", "", "application/json"},
               {"text/csv", "", "text/csv"},
               {"application/x-ndjson", "", "application/x-ndjson"},
               {"application/json;q=0.1, text/csv;q=0.2", "", "text/csv"},
               {"text/html,application/xhtml+xml,*/*;q=0.8", "", "application/json"},
               {"text/csv", "?format=ndjson", "application/x-ndjson"},
               {"text/csv", "?format=json", "application/json"},
               {"text/csv", "?format=", "text/csv"},
               {"application/json", "?format=csv", "text/csv"}};
  for (const auto& [accept, query, type] : cases) {
    const Reply response = ask(path + query, {{"Accept", accept}});
    EXPECT_TRUE(response.header("content-type").starts_with(type)) << accept << query;
    EXPECT_EQ(response.body, ask(path + "?format=" +
                                 (std::string(type).ends_with("csv")      ? "csv"
                                  : std::string(type).ends_with("ndjson") ? "ndjson"
                                                                          : "json"))
                                 .body);
  }
}

TEST_F(ApigwFormats, GzipInflatesToTheSameBytes) {
  seed_odd_rows();
  sql("INSERT INTO telemetry (uuid, gpu_id, metric_name, \"timestamp\", value) SELECT md5(g::text)::uuid, 'GPU-1', "
      "'m', "
      "now(), g FROM generate_series(100, 12000) g");  // several pages of the stream
  start();
  for (const char* query : {"", "?format=csv", "?format=ndjson", "?limit=5000", "?limit=1", "?step=1s"}) {
    const Reply plain = ask(path + query);
    const Reply coded = ask(path + query, {{"Accept-Encoding", "gzip"}});
    EXPECT_EQ(plain.headers.count("content-encoding"), 0u);
    if (coded.header("content-encoding").empty()) {
      EXPECT_LT(plain.body.size(), 1500u) << query << ": only a short answer may stay as it is";
      EXPECT_EQ(coded.body, plain.body);
      continue;
    }
    EXPECT_EQ(coded.header("content-encoding"), "gzip") << query;
    EXPECT_LT(coded.body.size(), plain.body.size() / 2) << query;
    EXPECT_EQ(gunzip(coded.body), plain.body) << query;
    EXPECT_NE(coded.header("vary").find("Accept-Encoding"), std::string::npos) << coded.header("vary");
    EXPECT_EQ(coded.header("link"), plain.header("link"));
  }
  EXPECT_EQ(ask(path, {{"Accept-Encoding", "gzip;q=0"}}).headers.count("content-encoding"), 0u);
}

TEST_F(ApigwFormats, AnExportCanBeStreamedBackIn) {
  seed_odd_rows();
  start();
  streamer::Scratch scratch;
  const std::string file = scratch.write("export.csv", ask(path, {{"Accept", "text/csv"}}).body);
  const std::string other = PostgresCluster::shared().migrated_database();
  const Daemon mqwriter("mqwriter", {{"DATABASE_URL", other}});
  const Daemon streamer("streamer", {{"STREAMER_CSV_PATH", file},
                                     {"MQ_BASE_URL", mqwriter.url()},
                                     {"STREAMER_INTERVAL_MS", "0"},
                                     {"STREAMER_BATCH_SIZE", "5"},
                                     {"STREAMER_LOOPS", "1"}});
  ASSERT_TRUE(eventually([&] { return !streamer.log_with("done: the last pass").empty(); }));

  pqxx::connection connection(other);
  json arrived = json::object();
  for (const auto& row : pqxx::nontransaction(connection).exec("SELECT payload FROM queue_messages")) {
    const json payload = json::parse(row[0].c_str());
    arrived[payload["uuid"].get<std::string>()] = payload;
  }
  const json expected = rows("true");
  ASSERT_EQ(arrived.size(), expected.size());
  for (const json& entry : expected) {
    ASSERT_TRUE(arrived.contains(entry["uuid"])) << entry;
    const json& payload = arrived[entry["uuid"].get<std::string>()];
    for (const std::string& column : columns) {
      if (column == "timestamp") continue;  // the streamer stamps each row with the current time
      const json wanted = entry[column].is_null() && column != "value" ? json("") : entry[column];
      EXPECT_EQ(payload.value(column, json("")), wanted) << column << " of " << entry;
    }
  }
}

}  // namespace
}  // namespace prompted::test
