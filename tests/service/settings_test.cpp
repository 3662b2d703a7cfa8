// Invalid settings: a daemon prints one line with the setting's name and no secret, and exits with code 2.
#include <gtest/gtest.h>

#include "support/daemon.hpp"
#include "support/http.hpp"
#include "support/postgres_cluster.hpp"
#include "support/process.hpp"
#include "support/wait.hpp"

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

TEST(Settings, AnUnknownParameterOfTheDsnIsNamed) {
  for (const char* daemon : {"mqwriter", "mqreader", "collector", "apigw"}) {
    const auto ended =
        run_program({binary(daemon)}, {{"DATABASE_URL", "postgres://u:S3cr@127.0.0.1/d?sslmod=require"}});
    EXPECT_EQ(ended.exit_code, 2);
    EXPECT_NE(ended.output.find("DATABASE_URL"), std::string::npos) << ended.output;
    EXPECT_NE(ended.output.find("sslmod is not a parameter of"), std::string::npos) << ended.output;
    EXPECT_EQ(ended.output.find("S3cr"), std::string::npos) << ended.output;
  }
}

TEST(Settings, ADsnOfPgxIsUnderstood) {
  PostgresCluster& cluster = PostgresCluster::shared();
  const std::string url = cluster.migrated_database();
  const std::string own = url + (url.find('?') == std::string::npos ? "?" : "&") +
                          "search_path=public&timezone=Asia/Tokyo&lock_timeout=4321&pool_max_conns=9"
                          "&default_query_exec_mode=cache_describe";
  for (const char* service : {"mqwriter", "mqreader", "collector", "apigw"}) {
    Daemon daemon(service, {{"DATABASE_URL", own}, {"MQ_BASE_URL", "http://127.0.0.1:1"}});
    const auto notes = daemon.log_with("setting adjusted");
    ASSERT_EQ(notes.size(), 1u) << service;
    EXPECT_NE(notes[0].find("pool_max_conns, default_query_exec_mode\""), std::string::npos) << notes[0];
    EXPECT_NE(notes[0].find("\"WARN\""), std::string::npos) << notes[0];
    std::string said;
    const auto connected = [&] {
      const Reply ready = get(daemon.url() + "/readyz");
      said = ready.body;
      return ready.status == 200 || said.find(R"("postgres":"ok")") != std::string::npos;
    };
    EXPECT_TRUE(eventually(connected)) << service << said;
  }
}

TEST(Settings, WhatTheEarlierSystemTookIsTaken) {
  const Environment none{{"DATABASE_URL", "postgres://nobody@127.0.0.1:1/none"}, {"MQ_BASE_URL", "http://127.0.0.1:1"}};
  const auto start = [&none](const char* service, Environment more) {
    more.insert(none.begin(), none.end());
    return Daemon(service, more);
  };
  const Daemon writer =
      start("mqwriter", {{"MQ_FLUSH_INTERVAL", "2m"}, {"MQ_BUFFER_SIZE", "200000"}, {"LOG_LEVEL", "Debug"}});
  EXPECT_TRUE(writer.log_with("setting adjusted").empty());
  const Daemon reader = start("mqreader", {{"READER_POLL_INTERVAL", "15m"}});
  const Daemon collector =
      start("collector", {{"LEASE_SECONDS", "7200"}, {"LEASE_MAX", "50000"}, {"POLL_INTERVAL_MS", "7200000"}});
  EXPECT_EQ(collector.log_with("LEASE_SECONDS: 7200 exceeds the maximum, using 3600").size(), 1u);
  EXPECT_EQ(collector.log_with("LEASE_MAX: 50000 exceeds the maximum, using 10000").size(), 1u);
}

}  // namespace
}  // namespace prompted::test
