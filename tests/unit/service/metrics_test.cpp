#include "service/metrics.hpp"

#include <gtest/gtest.h>

#include <map>

#include "service/pool_metrics.hpp"

namespace prompted::service {
namespace {

using namespace std::chrono_literals;

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}
int count(const std::string& text, const std::string& part) {
  int n = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

TEST(Metrics, SamplesOfOneNameShareAFamily) {
  MetricsWriter writer("mqwriter");
  writer.counter("refused_total", "Refused, by reason", 3, {{"reason", "full"}});
  writer.gauge("depth", "Waiting", 2.5);
  writer.counter("refused_total", "", 4, {{"reason", "late"}});
  const std::string text = writer.text();
  EXPECT_TRUE(has_line(text, "# HELP prompted_mqwriter_refused_total Refused, by reason")) << text;
  EXPECT_TRUE(has_line(text, "# TYPE prompted_mqwriter_refused_total counter"));
  EXPECT_TRUE(has_line(text, "# TYPE prompted_mqwriter_depth gauge"));
  EXPECT_TRUE(has_line(text, "prompted_mqwriter_refused_total{reason=\"full\"} 3"));
  EXPECT_TRUE(has_line(text, "prompted_mqwriter_refused_total{reason=\"late\"} 4"));
  EXPECT_TRUE(has_line(text, "prompted_mqwriter_depth 2.5"));
  EXPECT_EQ(count(text, "# TYPE"), 2);
}

TEST(Metrics, LabelValuesAreEscaped) {
  MetricsWriter writer("x");
  writer.gauge("g", "h", 1, {{"topic", "a\"b\\c\nd"}});
  EXPECT_TRUE(has_line(writer.text(), R"(prompted_x_g{topic="a\"b\\c\nd"} 1)")) << writer.text();
}

TEST(Metrics, AHistogramIsCumulative) {
  Histogram histogram;
  for (const base::Duration took :
       {base::Duration(500us), base::Duration(501us), base::Duration(1ms), base::Duration(7ms), base::Duration(20s)})
    histogram.observe(took);
  EXPECT_EQ(histogram.counts().front(), 1u);  // a bound belongs to its bucket
  EXPECT_EQ(histogram.counts()[1], 2u);
  EXPECT_EQ(histogram.counts().back(), 1u);
  MetricsWriter writer("x");
  writer.histogram("seconds", "Time", histogram, {{"route", "/a"}});
  const std::string text = writer.text();
  EXPECT_TRUE(has_line(text, "# TYPE prompted_x_seconds histogram"));
  EXPECT_TRUE(has_line(text, R"(prompted_x_seconds_bucket{route="/a",le="0.0005"} 1)")) << text;
  EXPECT_TRUE(has_line(text, R"(prompted_x_seconds_bucket{route="/a",le="0.001"} 3)")) << text;
  EXPECT_TRUE(has_line(text, R"(prompted_x_seconds_bucket{route="/a",le="0.01"} 4)"));
  EXPECT_TRUE(has_line(text, R"(prompted_x_seconds_bucket{route="/a",le="10"} 4)"));
  EXPECT_TRUE(has_line(text, R"(prompted_x_seconds_bucket{route="/a",le="+Inf"} 5)"));
  EXPECT_TRUE(has_line(text, R"(prompted_x_seconds_count{route="/a"} 5)"));
  EXPECT_NEAR(histogram.sum_seconds(), 20.009001, 1e-9);
}

TEST(Metrics, APoolTellsItsUse) {
  struct {
    int workers = 4, connected = 3, busy = 2;
    std::size_t waiting = 7;
    std::uint64_t jobs = 100, lost = 1;
    struct Statement {
      std::uint64_t runs, failures;
      base::Duration time;
    };
    std::map<std::string, Statement> statements{{"ack", {8, 1, 2s}}, {"poll", {3, 0, 500ms}}};
  } stats;
  MetricsWriter writer("x");
  write_pool(writer, stats);
  write_pool(writer, stats, "serving");
  const std::string text = writer.text();
  EXPECT_TRUE(has_line(text, R"(prompted_x_db_connections_busy{pool="main"} 2)")) << text;
  EXPECT_TRUE(has_line(text, R"(prompted_x_db_jobs_waiting{pool="serving"} 7)"));
  EXPECT_TRUE(has_line(text, R"(prompted_x_db_connections_lost_total{pool="main"} 1)"));
  EXPECT_TRUE(has_line(text, "# TYPE prompted_x_db_statement_duration_seconds summary"));
  EXPECT_TRUE(has_line(text, R"(prompted_x_db_statement_duration_seconds_count{pool="main",statement="ack"} 8)"))
      << text;
  EXPECT_TRUE(has_line(text, R"(prompted_x_db_statement_duration_seconds_sum{pool="main",statement="poll"} 0.5)"));
  EXPECT_TRUE(has_line(text, R"(prompted_x_db_statement_failures_total{pool="main",statement="ack"} 1)"));
}

}  // namespace
}  // namespace prompted::service
