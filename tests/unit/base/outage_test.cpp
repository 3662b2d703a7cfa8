#include "base/outage.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

namespace prompted::base {
namespace {

using nlohmann::json;

TEST(Outage, IsLoggedOnceWhenItBeginsAndOnceWhenItEnds) {
  log::init("mqwriter", log::Level::info);
  Outage flush("flush");
  testing::internal::CaptureStdout();
  flush.recovered();  // nothing had failed
  for (const char* error : {"first", "second"}) flush.failed({{"error", error}, {"rows", 3}});
  for (int i = 0; i < 2; ++i) flush.recovered({{"address", "10.0.0.1"}});
  flush.failed({{"error", "third"}});
  std::istringstream text(testing::internal::GetCapturedStdout());
  std::vector<json> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(json::parse(line));
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0]["level"], "WARN");
  EXPECT_EQ(lines[0]["msg"], "flush failed; retrying");
  EXPECT_EQ(lines[0]["error"], "first");
  EXPECT_EQ(lines[0]["rows"], 3);
  EXPECT_EQ(lines[1]["level"], "INFO");
  EXPECT_EQ(lines[1]["msg"], "flush recovered");
  EXPECT_EQ(lines[1]["address"], "10.0.0.1");
  EXPECT_EQ(lines[2]["error"], "third");
}

}  // namespace
}  // namespace prompted::base
