// LISTEN_ADDRESS decides who can reach a daemon, including its own health check.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "service/queue_fixture.hpp"

namespace prompted::test {
namespace {

const Environment no_database{{"DATABASE_URL", "postgres://nobody@127.0.0.1:1/none"}};

Environment with(Environment environment, const std::string& name, const std::string& value) {
  environment[name] = value;
  return environment;
}

/// Every address of 127.0.0.0/8 is this machine's: one that listens on 127.0.0.1 alone refuses the others.
int status_at(const std::string& host, const Daemon& daemon) {
  try {
    return get("http://" + host + ":" + std::to_string(daemon.port()) + "/healthz").status;
  } catch (const std::runtime_error&) {
    return 0;
  }
}

bool ipv6_is_here() {
  const int fd = ::socket(AF_INET6, SOCK_STREAM, 0);
  if (fd < 0) return false;
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  const bool bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return bound;
}

TEST(ListenAddress, IsLoopbackUnlessSaidOtherwise) {
  for (const char* service : {"mqwriter", "mqreader", "collector", "apigw"}) {
    const Daemon daemon(service, with(no_database, "LISTEN_ADDRESS", ""));  // empty counts as unset
    EXPECT_EQ(status_at("127.0.0.1", daemon), 200) << service;
    EXPECT_EQ(status_at("127.0.0.2", daemon), 0) << service;
  }
}

TEST(ListenAddress, AllAddressesWhenAskedFor) {
  for (const char* address : {"::", "0.0.0.0"}) {
    const Daemon daemon("apigw", with(no_database, "LISTEN_ADDRESS", address));
    EXPECT_EQ(status_at("127.0.0.1", daemon), 200) << address;
    EXPECT_EQ(status_at("127.0.0.2", daemon), 200) << address;
  }
}

TEST(ListenAddress, TheHealthCheckFollowsIt) {
  std::vector<std::string> addresses{"127.0.0.1", "127.0.0.2", "0.0.0.0", "::"};
  if (ipv6_is_here()) addresses.insert(addresses.end(), {"::1", "0:0:0:0:0:0:0:0", "::ffff:127.0.0.1"});
  const Environment database{{"DATABASE_URL", PostgresCluster::shared().migrated_database()}};
  for (const auto& address : addresses) {
    Environment environment = with(database, "LISTEN_ADDRESS", address);
    Daemon daemon("apigw", environment);
    environment["PORT"] = std::to_string(daemon.port());
    // Uses the daemon's own health check, because not all of these listen on the fixture's 127.0.0.1.
    EXPECT_TRUE(eventually([&] {
      return run_program({binary("apigw"), "--healthcheck"}, environment).exit_code == 0;
    })) << address;
    environment["LISTEN_ADDRESS"] = "127.0.0.3";
    if (address == "127.0.0.2") {
      EXPECT_EQ(run_program({binary("apigw"), "--healthcheck"}, environment).exit_code, 1);
    }
  }
}

std::string advertised_with(Environment environment) {
  const std::string url = PostgresCluster::shared().migrated_database();
  environment["DATABASE_URL"] = url;
  Daemon daemon("mqreader", environment);
  std::string address;
  eventually([&] {
    const auto rows = sql(url, "SELECT address FROM queue_readers");
    if (!rows.empty()) address = rows[0][0].c_str();
    return !address.empty();
  });
  const std::string port = ":" + std::to_string(daemon.port());
  EXPECT_TRUE(address.ends_with(port)) << address;
  return address.substr(0, address.size() - port.size());
}

TEST(ListenAddress, AReaderAdvertisesAnAddressThatItListensOn) {
  EXPECT_EQ(advertised_with({{"LISTEN_ADDRESS", ""}}), "http://127.0.0.1");
  EXPECT_EQ(advertised_with({{"LISTEN_ADDRESS", "127.0.0.2"}}), "http://127.0.0.2");
  EXPECT_EQ(advertised_with({{"LISTEN_ADDRESS", "::"}}), "http://127.0.0.1");  // towards the test's PostgreSQL
}

}  // namespace
}  // namespace prompted::test
