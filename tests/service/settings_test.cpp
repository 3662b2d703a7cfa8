// What a daemon says of settings that it cannot use: one line with the name, exit code 2, and no secret.
#include <gtest/gtest.h>

#include "support/daemon.hpp"
#include "support/process.hpp"

namespace prompted::test {
namespace {

void expect_refused(const std::string& daemon, const std::string& name, const std::string& value) {
  const auto ended = run_program({binary(daemon)}, {{name, value}});
  EXPECT_EQ(ended.exit_code, 2) << daemon << ended.output;
  EXPECT_NE(ended.output.find(name), std::string::npos) << ended.output;
  EXPECT_EQ(ended.output.find("S3cr"), std::string::npos) << ended.output;
  EXPECT_EQ(ended.output.find("tPw"), std::string::npos) << ended.output;
}

TEST(Settings, AMalformedDsnIsRefusedWithoutItsPassword) {
  for (const char* daemon : {"mqwriter", "mqreader", "collector", "apigw"}) {
    expect_refused(daemon, "DATABASE_URL", "postgres://prompted:S3cr%tPw@127.0.0.1/prompted");
    expect_refused(daemon, "DATABASE_URL", "postgres://prompted:S3cr/tPw@127.0.0.1/prompted");
    expect_refused(daemon, "DATABASE_URL", "postgres://prompted:S3cr@tPw@127.0.0.1/prompted");
  }
}

TEST(Settings, AnAddressMustBeOne) {
  for (const char* daemon : {"streamer", "mqwriter", "mqreader", "collector", "apigw"})
    expect_refused(daemon, "LISTEN_ADDRESS", "localhost");
  expect_refused("mqreader", "READER_ADVERTISE_URL", "http://:8085");
  expect_refused("collector", "MQ_BASE_URL", "https://reader:8085");
}

}  // namespace
}  // namespace prompted::test
