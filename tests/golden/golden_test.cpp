// Compares what users' dashboards, alerts and scripts depend on with the files of this directory: the families of
// /metrics (name, type, label names, help) and --help of each daemon. `make golden` rewrites the files; review `git
// diff` afterwards.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <thread>

#include "system/pipeline.hpp"

namespace prompted::test {
namespace {

std::string golden_path(const std::string& name) { return source_path("tests/golden/" + name + ".txt"); }
bool updating() { return std::getenv("UPDATE_GOLDEN") != nullptr; }

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// "" when they are the same, else the first line that differs.
std::string difference(const std::string& golden, const std::string& now) {
  if (golden == now) return {};
  const std::vector<std::string> expected = lines_of(golden);
  const std::vector<std::string> seen = lines_of(now);
  std::size_t at = 0;
  while (at < expected.size() && at < seen.size() && expected[at] == seen[at]) ++at;
  const auto line = [at](const std::vector<std::string>& lines) { return at < lines.size() ? lines[at] : "(the end)"; };
  return "line " + std::to_string(at + 1) + "\n  was: " + line(expected) + "\n  is:  " + line(seen) +
         "\nif that is meant: make golden, then read git diff";
}

std::string read_golden(const std::string& name) {
  std::ifstream file(golden_path(name));
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

void write_golden(const std::string& name, const std::string& text) {
  std::ofstream file(golden_path(name));
  file << text;
  ASSERT_TRUE(file.good()) << golden_path(name);
}

/// `pool="main",statement="poll"` without the values; a value may hold any character but an unescaped quote.
std::string label_names(const std::string& labels) {
  std::string names;
  bool quoted = false;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (quoted && labels[i] == '\\') ++i;
    else if (labels[i] == '"') quoted = !quoted;
    else if (!quoted && labels[i] != '=') names += labels[i];
  }
  return names;
}

/// One paragraph per family: help, type, and the sets of label names of its samples.
std::string families_of(const std::string& metrics) {
  std::map<std::string, std::string> heads;
  std::map<std::string, std::set<std::string>> samples;
  std::string family;
  for (const std::string& line : lines_of(metrics)) {
    if (line.starts_with("# ")) {
      std::istringstream words(line.substr(2));
      std::string kind;
      words >> kind >> family;
      heads[family] += line + "\n";
      continue;
    }
    const std::size_t end = line.find_first_of("{ ");
    const std::size_t labels_end = line.rfind('}');
    const bool labelled = end != std::string::npos && line[end] == '{' && labels_end != std::string::npos;
    const std::string labels = labelled ? label_names(line.substr(end + 1, labels_end - end - 1)) : "";
    samples[family].insert(line.substr(0, end) + (labelled ? "{" + labels + "}" : ""));
  }
  std::string text;
  for (const auto& [name, head] : heads) {
    text += head;
    for (const std::string& sample : samples[name]) text += sample + "\n";
    text += "\n";
  }
  return text;
}

/// A family appears with the first event it counts, so one that is missing may still appear.
void check_metrics(const std::string& service, const Daemon& daemon) {
  const std::string name = "metrics/" + service;
  const auto families = [&daemon] { return families_of(get(daemon.url() + "/metrics").body); };
  if (updating()) {
    std::string last;
    const auto settled = [&] {
      std::this_thread::sleep_for(std::chrono::seconds(3));
      const std::string before = std::exchange(last, families());
      return before == last;
    };
    ASSERT_TRUE(eventually(settled, std::chrono::seconds(60)));
    return write_golden(name, last);
  }
  const std::string golden = read_golden(name);
  const bool same = eventually([&] { return families() == golden; }, std::chrono::seconds(30));
  EXPECT_TRUE(same) << golden_path(name) << ": " << difference(golden, families());
}

TEST(Golden, MetricsOfEachDaemon) {
  Pipeline pipeline(PostgresCluster::shared().migrated_database());
  const std::string sample = source_path("samples/telemetry.csv");
  pipeline.stream(sample, 1, "50");
  ASSERT_TRUE(eventually([&] { return pipeline.count("SELECT count(*) FROM telemetry") > 0; }));
  // A topic without readers has a backlog.
  const std::string unread = R"({"topic":"unread","messages":[{"gpu_id":"1"}]})";
  ASSERT_EQ(post(pipeline.writer().url() + "/v1/publish", unread).status, 200);
  check_metrics("mqwriter", pipeline.writer());
  check_metrics("mqreader", pipeline.reader());
  check_metrics("collector", pipeline.collector());
  check_metrics("apigw", pipeline.apigw());
  check_metrics("streamer", pipeline.streamer());
}

TEST(Golden, HelpOfEachDaemon) {
  for (const std::string service : {"streamer", "mqwriter", "mqreader", "collector", "apigw"}) {
    const Finished finished = run_program({binary(service), "--help"});
    EXPECT_EQ(finished.exit_code, 0);
    const std::string name = "help/" + service;
    if (updating()) write_golden(name, finished.output);
    EXPECT_EQ(difference(read_golden(name), finished.output), "") << golden_path(name);
  }
}

TEST(Golden, APlantedChangeIsFound) {
  const std::string metrics =
      "# HELP x_total Things, by kind\n# TYPE x_total counter\n"
      "x_total{kind=\"a,b=\\\"c\\\"}\",pool=\"p\"} 7\nx_total{kind=\"d\",pool=\"q\"} 8\n";
  const std::string golden = families_of(metrics);
  EXPECT_EQ(golden, "# HELP x_total Things, by kind\n# TYPE x_total counter\nx_total{kind,pool}\n\n");
  const std::vector<std::pair<std::string, std::string>> changes{
      {"x_total", "y_total"}, {"counter", "gauge"}, {"pool", "pond"}, {"Things", "Thinks"}};
  for (const auto& [was, is] : changes) {
    std::string changed = metrics;
    for (auto at = changed.find(was); at != std::string::npos; at = changed.find(was, at + is.size()))
      changed.replace(at, was.size(), is);
    EXPECT_NE(difference(golden, families_of(changed)).find("make golden"), std::string::npos) << is;
  }
  EXPECT_NE(difference("a\n", "a\nb\n"), "");
  EXPECT_NE(difference("a\nb\n", "a\n"), "");
}

}  // namespace
}  // namespace prompted::test
