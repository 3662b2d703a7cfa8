#include "base/log.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>
#include <vector>

#include "base/time.hpp"

namespace prompted::log {
namespace {

using nlohmann::ordered_json;

template <class Write>
std::vector<ordered_json> lines_of(const Write& write) {
  testing::internal::CaptureStdout();
  write();
  std::istringstream text(testing::internal::GetCapturedStdout());
  std::vector<ordered_json> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(ordered_json::parse(line));
  return lines;
}

TEST(Log, ALineIsOneJsonObject) {
  init("mqwriter", Level::info);
  const auto lines = lines_of([] {
    warn("flush failed", {{"topic", "a\"b\n"},
                          {"rows", 3},
                          {"bytes", std::uint64_t{1} << 63},
                          {"low", -5},
                          {"seconds", 0.25},
                          {"retry", true}});
  });
  ASSERT_EQ(lines.size(), 1u);
  std::vector<std::string> keys;
  for (const auto& [key, value] : lines[0].items()) keys.push_back(key);
  EXPECT_EQ(keys, (std::vector<std::string>{"time", "level", "msg", "service", "topic", "rows", "bytes", "low",
                                            "seconds", "retry"}));
  const std::string time = lines[0]["time"];
  EXPECT_EQ(time.size(), 27u);
  EXPECT_TRUE(base::parse_rfc3339(time).has_value()) << time;
  EXPECT_EQ(lines[0]["level"], "WARN");
  EXPECT_EQ(lines[0]["msg"], "flush failed");
  EXPECT_EQ(lines[0]["service"], "mqwriter");
  EXPECT_EQ(lines[0]["topic"], "a\"b\n");
  EXPECT_EQ(lines[0]["rows"], 3);
  EXPECT_EQ(lines[0]["bytes"], std::uint64_t{1} << 63);
  EXPECT_EQ(lines[0]["low"], -5);
  EXPECT_EQ(lines[0]["seconds"], 0.25);
  EXPECT_EQ(lines[0]["retry"], true);
}

TEST(Log, ATextThatComesTooOftenIsLeftOutAndCounted) {
  init("mqwriter", Level::info);
  const auto before = suppressed();
  const auto lines = lines_of([] {
    for (int i = 0; i < 100; ++i) warn("the same again and again", {{"i", i}});
    warn("another");
  });
  ASSERT_EQ(lines.size(), 21u);
  EXPECT_EQ(lines[19]["i"], 19);
  EXPECT_EQ(lines[20]["msg"], "another");
  EXPECT_FALSE(lines[20].contains("suppressed"));
  EXPECT_EQ(suppressed() - before, 80u);
}

TEST(Log, AFullTableForgetsTheOldestText) {
  init("mqwriter", Level::info);
  const auto lines = lines_of([] {
    for (int i = 0; i < 300; ++i) warn("text " + std::to_string(i));
  });
  EXPECT_EQ(lines.size(), 300u);
}

TEST(Log, DebugIsNeverLeftOut) {
  init("mqwriter", Level::debug);
  const auto lines = lines_of([] {
    for (int i = 0; i < 100; ++i) debug("request");
  });
  EXPECT_EQ(lines.size(), 100u);
}

TEST(Log, TheThresholdHidesLowerLevels) {
  const auto write_all = [] {
    debug("d");
    info("i");
    warn("w");
    error("e");
  };
  const auto levels_from = [&](Level threshold) {
    init("svc", threshold);
    std::vector<std::string> levels;
    for (const auto& line : lines_of(write_all)) levels.push_back(line["level"]);
    return levels;
  };
  EXPECT_EQ(levels_from(Level::debug), (std::vector<std::string>{"DEBUG", "INFO", "WARN", "ERROR"}));
  EXPECT_EQ(levels_from(Level::info), (std::vector<std::string>{"INFO", "WARN", "ERROR"}));
  EXPECT_EQ(levels_from(Level::error), (std::vector<std::string>{"ERROR"}));
}

TEST(Log, BracesAndPercentSignsAreJustText) {
  init("svc", Level::info);
  const auto lines = lines_of([] { info("{} %v {0}", {{"{}", "%s"}}); });
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0]["msg"], "{} %v {0}");
  EXPECT_EQ(lines[0]["{}"], "%s");
}

TEST(Log, ThreadsDoNotMixTheirLines) {
  init("svc", Level::debug);
  const auto lines = lines_of([] {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([t] {
        for (int i = 0; i < 200; ++i) debug("line", {{"thread", t}, {"text", std::string(100, 'x')}});
      });
    }
  });
  EXPECT_EQ(lines.size(), 800u);  // and each one parsed
}

}  // namespace
}  // namespace prompted::log
