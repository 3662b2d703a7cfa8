#pragma once
// Shared by the service tests of mqwriter and mqreader: SQL on the daemon's database and values from /metrics.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <pqxx/pqxx>
#include <string>

#include "support/daemon.hpp"
#include "support/http.hpp"
#include "support/postgres_cluster.hpp"
#include "support/wait.hpp"

namespace prompted::test {

using nlohmann::json;
using namespace std::chrono_literals;

inline pqxx::result sql(const std::string& url, const std::string& text) {
  pqxx::connection connection(url);
  pqxx::nontransaction work(connection);
  return work.exec(text);
}
inline long number(const std::string& url, const std::string& query) { return sql(url, query)[0][0].as<long>(); }

/// The value of a sample, its labels included ("deliveries_total{topic=\"t\"}"); 0 when there is none.
inline double metric(const Daemon& daemon, const std::string& service, const std::string& sample) {
  const std::string text = "\n" + get(daemon.url() + "/metrics").body;
  const std::string name = "\nprompted_" + service + "_" + sample + " ";
  const auto found = text.find(name);
  return found == std::string::npos ? 0 : std::stod(text.substr(found + name.size()));
}

/// Expects a 400 problem+json with exactly this text; a text that ends in "…" is a prefix.
inline void expect_refused(const std::string& url, const std::string& body, std::string text) {
  const Reply response = post(url, body);
  EXPECT_EQ(response.status, 400) << body;
  EXPECT_EQ(response.header("content-type"), "application/problem+json");
  const json problem = json::parse(response.body, nullptr, false);
  ASSERT_TRUE(problem.is_object()) << response.body;
  EXPECT_EQ(problem["error"], problem["detail"]);
  EXPECT_EQ(problem["status"], 400);
  const std::string error = problem["error"];
  const std::string etc = "…";
  if (text.ends_with(etc)) {
    text.resize(text.size() - etc.size());
    EXPECT_TRUE(error.starts_with(text)) << error << "\n" << body;
  } else {
    EXPECT_EQ(error, text) << body;
  }
}

/// Sends malformed bytes and checks that the daemon still serves.
inline void expect_survives_garbage(const Daemon& daemon) {
  for (const std::string& bytes :
       {std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc", 9), std::string(300, '\0'),
        std::string("GET / HTTP/9.9\r\n\r\n"), std::string("POST /v1/x HTTP/1.1\r\nContent-Length: -1\r\n\r\n")}) {
    RawSocket socket(daemon.port());
    socket.send(bytes);
    socket.shutdown_send();
    socket.read_all();
    EXPECT_EQ(get(daemon.url() + "/healthz").status, 200);
  }
}

}  // namespace prompted::test
