// The streamer as a separate process, against a mqwriter that is full, rejects rows, cuts connections or vanishes.
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "service/scripted_writer.hpp"
#include "support/daemon.hpp"
#include "support/http.hpp"
#include "support/wait.hpp"
#include "unit/streamer/scratch.hpp"

namespace prompted::test {
namespace {

using streamer::Scratch;
using namespace std::chrono_literals;

const std::string header = "timestamp,metric_name,gpu_id,value,note\n";

std::string row(int value, const std::string& note = "") {
  return "old,m,GPU-1," + std::to_string(value) + "," + note + "\n";
}

Environment settings(const std::string& path, const std::string& url, const Environment& more = {}) {
  Environment all{
      {"STREAMER_CSV_PATH", path}, {"MQ_BASE_URL", url}, {"STREAMER_INTERVAL_MS", "0"}, {"STREAMER_LOOPS", "1"}};
  for (const auto& [name, value] : more) all[name] = value;
  return all;
}

Reaction accept(const SeenPublish&) { return {}; }

bool ready(const Daemon& daemon) { return get(daemon.url() + "/readyz").status == 200; }
bool done(const Daemon& daemon) { return !daemon.log_with("done: the last pass").empty(); }

double metric(const Daemon& daemon, const std::string& name) {
  const std::string text = "\n" + get(daemon.url() + "/metrics").body;
  const auto at = text.find("\n" + name + " ");
  return at == std::string::npos ? -1 : std::stod(text.substr(at + name.size() + 2));
}

// The values in order of arrival, each message once.
std::multiset<int> values(const ScriptedWriter& writer) {
  std::multiset<int> found;
  for (const auto& [id, message] : writer.stored()) found.insert(message["value"].get<int>());
  return found;
}

TEST(Streamer, EveryRowExactlyOnceThroughFaults) {
  Scratch scratch;
  std::string text = header;
  std::multiset<int> good;
  for (int i = 0; i < 40; ++i) {
    if (i == 7) text += "old,m,GPU-1\n";             // line 9
    else if (i == 21) text += "old,m,GPU-1,x21,\n";  // line 23
    else text += row(i, i == 13 || i == 14 ? "refused" : "");
    if (i != 7 && i != 21 && i != 13 && i != 14) good.insert(i);
  }
  const std::string path = scratch.write("t.csv", text);
  bool failed_late = false;
  ScriptedWriter writer([&failed_late](const SeenPublish& publish) {
    Reaction reaction;
    switch (publish.number) {
      case 1:
        reaction.status = 503;
        reaction.headers = "Retry-After: 1\r\n";
        return reaction;
      case 2:
        reaction.cut = reaction.store = true;
        return reaction;  // stored, but no response was sent
      case 3:
        reaction.cut = true;
        return reaction;
      case 4:
        reaction.status = 429;
        return reaction;
      case 6:
        reaction.status = 408;
        return reaction;
      default:
        break;
    }
    if (publish.body.find("refused") != std::string::npos) reaction.status = 400;
    if (publish.body.find("\"value\":30,") != std::string::npos && !failed_late) {
      failed_late = reaction.store = true;
      reaction.status = 500;
    }
    return reaction;
  });
  Daemon daemon("streamer", settings(path, writer.url(), {{"STREAMER_BATCH_SIZE", "8"}}));
  ASSERT_TRUE(writer.serve_until([&] { return done(daemon); }));
  EXPECT_TRUE(writer.serve_until([&] { return ready(daemon); }));

  EXPECT_EQ(values(writer), good);
  const auto& publishes = writer.publishes();
  for (int retry = 1; retry < 5; ++retry) {
    EXPECT_EQ(publishes[retry].key, publishes[0].key);
    EXPECT_EQ(publishes[retry].body, publishes[0].body);
  }
  EXPECT_GE(publishes[1].when - publishes[0].when, 1s) << "Retry-After";
  EXPECT_EQ(daemon.log_with("\"line\":9,").size(), 1u);
  EXPECT_EQ(daemon.log_with("\"line\":23,").size(), 1u);
  EXPECT_EQ(daemon.log_with("rejected by mqwriter").size(), 2u);
  EXPECT_EQ(daemon.log_with("\"line\":15,").size(), 1u);
  EXPECT_EQ(metric(daemon, "prompted_streamer_rows_published_total"), 36);
  EXPECT_EQ(metric(daemon, "prompted_streamer_rows_skipped_total{reason=\"rejected\"}"), 2);
  EXPECT_EQ(metric(daemon, "prompted_streamer_rows_skipped_total{reason=\"bad_row\"}"), 2);
  EXPECT_EQ(metric(daemon, "prompted_streamer_passes_total"), 1);

  // Written back: sent rows have the timestamp they were sent with; every other byte is unchanged.
  std::string expected = text;
  for (const auto& [id, message] : writer.stored()) {
    const std::string old = "\n" + row(message["value"].get<int>());
    const std::string stamp = message["timestamp"].get<std::string>();
    ASSERT_EQ(stamp.size(), 27u);
    expected.replace(expected.find(old) + 1, 3, stamp);
  }
  EXPECT_EQ(scratch.read("t.csv"), expected);
  EXPECT_EQ(daemon.stop(), 0);
}

TEST(Streamer, ADrainEndsThePauseAndStampsOnlyWhatWasSent) {
  Scratch scratch;
  const std::string path = scratch.write("t.csv", header + row(1) + row(2) + row(3));
  ScriptedWriter writer(accept);
  Daemon daemon("streamer",
                settings(path, writer.url(),
                         {{"STREAMER_INTERVAL_MS", "600000"}, {"STREAMER_LOOPS", "0"}, {"SHUTDOWN_GRACE", "10m"}}));
  ASSERT_TRUE(writer.serve_until([&] { return metric(daemon, "prompted_streamer_rows_published_total") == 1; }));
  EXPECT_EQ(daemon.stop(), 0);
  const std::string stamp = writer.stored().begin()->second["timestamp"];
  EXPECT_EQ(scratch.read("t.csv"), header + stamp + row(1).substr(3) + row(2) + row(3));
}

TEST(Streamer, ADrainFinishesThePublishInFlight) {
  Scratch scratch;
  const std::string path = scratch.write("t.csv", header + row(1) + row(2));
  ScriptedWriter writer([](const SeenPublish&) {
    Reaction reaction;
    reaction.hold = true;
    return reaction;
  });
  Daemon daemon("streamer", settings(path, writer.url()));
  ASSERT_TRUE(writer.serve_until([&] { return writer.holding(); }));
  ASSERT_EQ(::kill(daemon.pid(), SIGTERM), 0);
  ASSERT_TRUE(writer.serve_until([&] { return !daemon.log_with("\"draining\"").empty(); }));
  EXPECT_TRUE(daemon.running());
  writer.release();
  ASSERT_TRUE(writer.serve_until([&] { return !daemon.running(); }));
  EXPECT_EQ(daemon.stop(), 0);
  ASSERT_EQ(writer.stored().size(), 1u);
  const std::string stamp = writer.stored().begin()->second["timestamp"];
  EXPECT_EQ(scratch.read("t.csv"), header + stamp + row(1).substr(3) + row(2));
}

TEST(Streamer, ADrainDuringAnOutageIsQuickAndStampsNothing) {
  Scratch scratch;
  const std::string text = header + row(1) + row(2);
  const std::string path = scratch.write("t.csv", text);
  ScriptedWriter writer([](const SeenPublish&) {
    Reaction reaction;
    reaction.status = 503;
    reaction.headers = "Retry-After: 60\r\n";
    return reaction;
  });
  Daemon daemon("streamer", settings(path, writer.url()));
  ASSERT_TRUE(writer.serve_until([&] { return writer.publishes().size() == 1; }));
  // A full mqwriter still counts as reachable.
  EXPECT_TRUE(writer.serve_until([&] { return ready(daemon); }));
  EXPECT_EQ(daemon.stop(), 0);
  EXPECT_EQ(scratch.read("t.csv"), text);
}

TEST(Streamer, WaitsForAMqwriterThatIsNotThereYet) {
  Scratch scratch;
  const std::string path = scratch.write("t.csv", header + row(1));
  std::uint16_t port = 0;
  {
    ScriptedWriter nobody(accept);
    port = nobody.port();
  }
  Daemon daemon("streamer", settings(path, "http://127.0.0.1:" + std::to_string(port)));
  ASSERT_TRUE(eventually([&] { return !daemon.log_with("publish failed; retrying").empty(); }));
  EXPECT_FALSE(ready(daemon));
  ScriptedWriter writer(accept, port);
  ASSERT_TRUE(writer.serve_until([&] { return done(daemon) && ready(daemon); }));
  EXPECT_EQ(writer.stored().size(), 1u);
}

TEST(Streamer, LeavesOutADeadAddress) {
  Scratch scratch;
  std::string text = header;
  std::multiset<int> all;
  for (int i = 0; i < 20; ++i) {
    text += row(i);
    all.insert(i);
  }
  std::uint16_t dead = 0;
  {
    ScriptedWriter nobody(accept);
    dead = nobody.port();
  }
  ScriptedWriter writer(accept);
  Daemon daemon("streamer", settings(scratch.write("t.csv", text),
                                     "http://127.0.0.1:" + std::to_string(dead) + "," + writer.url()));
  ASSERT_TRUE(writer.serve_until([&] { return done(daemon); }));
  EXPECT_EQ(values(writer), all);
  EXPECT_TRUE(daemon.log_with("publish failed").empty());
}

TEST(Streamer, PicksUpAFileThatChangedBetweenPasses) {
  Scratch scratch;
  const std::string path = scratch.write("t.csv", header + row(1));
  ScriptedWriter writer(accept);
  Daemon daemon("streamer", settings(path, writer.url(), {{"STREAMER_LOOPS", "0"}, {"STREAMER_INTERVAL_MS", "20"}}));
  ASSERT_TRUE(writer.serve_until([&] { return values(writer).count(1) >= 2; }));
  scratch.write("next.csv", "value,gpu_id,metricName\n77,GPU-2,m\n");
  std::filesystem::rename(scratch.path("next.csv"), path);
  ASSERT_TRUE(writer.serve_until([&] { return values(writer).count(77) >= 2; }));
  EXPECT_EQ(scratch.read("t.csv"), "value,gpu_id,metricName\n77,GPU-2,m\n");
}

TEST(Streamer, ABadHeaderIsOneClearError) {
  Scratch scratch;
  const std::string path = scratch.write("t.csv", "timestamp,gpu_id,value\n1,2,3\n");
  const Environment environment{{"STREAMER_CSV_PATH", path}, {"PORT", "0"}, {"LISTEN_ADDRESS", "127.0.0.1"}};
  const Finished finished = run_program({binary("streamer")}, environment);
  EXPECT_EQ(finished.exit_code, 1);
  EXPECT_NE(finished.output.find(path + ": header: column metric_name is missing"), std::string::npos)
      << finished.output;
}

}  // namespace
}  // namespace prompted::test
