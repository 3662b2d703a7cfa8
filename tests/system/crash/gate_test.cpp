// The gate cuts after a commit and before its response, and nowhere else.
#include "system/crash/gate.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <pqxx/pqxx>
#include <thread>

#include "collector/sql.hpp"
#include "mqreader/dead_letters/sql.hpp"
#include "mqreader/lease/sql.hpp"
#include "mqreader/poll/sql.hpp"
#include "mqwriter/sql.hpp"
#include "postgres/libpqxx.hpp"
#include "support/postgres_cluster.hpp"
#include "support/wait.hpp"

namespace prompted::test::crash {
namespace {

constexpr const char* insert =
    "INSERT INTO queue_messages (topic, msg_uuid, payload, partition_key) VALUES ('t', gen_random_uuid(), '{}', "
    "$1::int)";

class GateTest : public testing::Test {
 protected:
  GateTest() : url_(PostgresCluster::shared().migrated_database()), gate_(house_, Traffic::postgres) {
    gate_.point_to(PostgresCluster::shared().port());
  }
  std::string gated() const {
    return "postgres://prompted:prompted@127.0.0.1:" + std::to_string(gate_.port()) + url_.substr(url_.rfind('/')) +
           "&gssencmode=disable";
  }
  int rows() {
    pqxx::connection connection(url_);
    return pqxx::nontransaction(connection).exec("SELECT count(*) FROM queue_messages")[0][0].as<int>();
  }
  std::uint64_t cut(Commit kind) { return gate_.counts().commits_cut[static_cast<std::size_t>(kind)]; }

  std::string url_;
  GateHouse house_;
  Gate gate_;
};

TEST_F(GateTest, PassesEverything) {
  pqxx::connection connection(gated());
  pqxx::nontransaction work(connection);
  pg::exec_params(work, insert, 1);
  EXPECT_EQ(pg::exec_params(work, "SELECT repeat('x', $1::int)", 3'000'000)[0][0].size(), 3'000'000u);
  EXPECT_EQ(rows(), 1);
  EXPECT_EQ(gate_.waiting(), 0u);
}

TEST_F(GateTest, CutsBetweenTheCommitAndItsReply) {
  pqxx::connection connection(gated());
  gate_.cut_responses(1);
  pqxx::nontransaction work(connection);
  pg::exec_params(work, "SELECT $1::int", 1);                                 // no write
  pg::exec_params(work, "DELETE FROM queue_messages WHERE id = $1::int", 1);  // touches no row
  EXPECT_THROW(pg::exec_params(work, insert, std::string(100'000, ' ') + "7"),
               std::exception);  // larger than one chunk
  EXPECT_EQ(rows(), 1);
  EXPECT_EQ(cut(Commit::publish), 1u);
  EXPECT_EQ(cut(Commit::ack), 0u);
  pqxx::connection again(gated());
  pqxx::nontransaction second(again);
  pg::exec_params(second, insert, 2);
  EXPECT_EQ(rows(), 2);
}

TEST_F(GateTest, CutsACommitOfAStatementThatWritesInItsWith) {
  pqxx::connection connection(gated());
  gate_.cut_responses(1);
  pqxx::nontransaction work(connection);
  const std::string both = "WITH i AS (" + std::string(insert) + " RETURNING id) SELECT id FROM i WHERE id < 0";
  EXPECT_THROW(pg::exec_params(work, both, 1), std::exception);
  EXPECT_EQ(rows(), 1);
  EXPECT_EQ(cut(Commit::publish), 1u);
}

TEST_F(GateTest, AFailedStatementIsNoCommit) {
  pqxx::connection connection(gated());
  gate_.cut_responses(1);
  pqxx::nontransaction work(connection);
  EXPECT_THROW(pg::exec_params(work, insert, "no number"), pqxx::sql_error);
  EXPECT_EQ(cut(Commit::publish), 0u);
}

TEST_F(GateTest, WaitsForTheWantedStatement) {
  pqxx::connection connection(gated());
  gate_.cut_responses(1, Commit::ack);
  pqxx::nontransaction work(connection);
  pg::exec_params(work, insert, 1);
  EXPECT_THROW(pg::exec_params(work, "DELETE FROM queue_messages WHERE partition_key = $1::int", 1), std::exception);
  EXPECT_EQ(rows(), 0);
  EXPECT_EQ(cut(Commit::ack), 1u);
}

TEST_F(GateTest, CutsStallsAndClosesAtOnce) {
  pqxx::connection connection(gated());
  gate_.cut();
  EXPECT_THROW(pqxx::nontransaction(connection).exec("SELECT 1"), std::exception);
  pqxx::connection next(gated());
  gate_.stall(true);
  std::jthread statement([&next] { pqxx::nontransaction(next).exec("SELECT 1"); });
  EXPECT_FALSE(
      eventually([&] { return gate_.waiting() == 0 && !statement.joinable(); }, std::chrono::milliseconds(100)));
  gate_.stall(false);
  statement.join();
  gate_.close();
  EXPECT_THROW(pqxx::connection refused(gated()), std::exception);
}

TEST_F(GateTest, RefusesUntilItPointsSomewhere) {
  pqxx::connection connection(gated());
  gate_.refuse();
  EXPECT_THROW(pqxx::nontransaction(connection).exec("SELECT 1"), std::exception);
  try {
    pqxx::connection refused(gated());
    ADD_FAILURE() << "was not refused";
  } catch (const pqxx::broken_connection& error) {
    EXPECT_NE(std::string(error.what()).find("refused"), std::string::npos) << error.what();
  }
  gate_.refuse();  // idempotent
  gate_.point_to(PostgresCluster::shared().port());
  pqxx::connection again(gated());
  EXPECT_EQ(pqxx::nontransaction(again).exec("SELECT 1").size(), 1u);
}

TEST_F(GateTest, PassesNothingUntilItIsNeitherStalledNorHeld) {
  pqxx::connection connection(gated());
  std::atomic<bool> responded{false};
  gate_.hold(true);
  gate_.stall(true);
  std::jthread statement([&] {
    pqxx::nontransaction(connection).exec("SELECT 1");
    responded = true;
  });
  ASSERT_TRUE(eventually([&] { return gate_.waiting() == 1; }));
  gate_.stall(false);
  EXPECT_FALSE(eventually([&] { return responded.load(); }, std::chrono::milliseconds(100)));
  gate_.hold(false);
  statement.join();
  EXPECT_TRUE(responded);
}

TEST(PostgresProtocol, KnowsTheDaemonsStatements) {
  EXPECT_EQ(commit_of(mqwriter::sql::insert_messages.text), Commit::publish);
  EXPECT_EQ(commit_of(mqwriter::sql::insert_keyed_messages.text), Commit::publish);
  EXPECT_EQ(commit_of(collector::sql::insert_telemetry.text), Commit::telemetry);
  EXPECT_EQ(commit_of(mqreader::sql::delete_messages.text), Commit::ack);
  EXPECT_EQ(commit_of(mqreader::sql::persist_attempts.text), Commit::attempts);
  EXPECT_EQ(commit_of(mqreader::sql::dead_letter_messages.text), Commit::dead_letter);
  EXPECT_EQ(commit_of(mqreader::sql::poll.text), Commit::none);
  EXPECT_EQ(commit_of(mqreader::sql::adopt_foreign_rows.text), Commit::none);
}

TEST(PostgresProtocol, FindsStatementsAndCommitsInBytesThatComeOneByOne) {
  const auto message = [](char type, std::string body) {
    const auto length = static_cast<char>(body.size() + 4);
    return std::string(1, type) + std::string(3, '\0') + length + body;
  };
  std::string client = message('x', "startup").substr(1);
  client +=
      message('P', std::string("\0\n DELETE FROM queue_messages q USING", 37)) + message('B', "") + message('S', "");
  client += message('Q', "SELECT 1");
  std::vector<Commit> kinds;
  Asked asked;
  for (const char c : client) asked.feed(std::string_view(&c, 1), [&](Commit kind) { kinds.push_back(kind); });
  EXPECT_EQ(kinds, (std::vector<Commit>{Commit::ack, Commit::none}));

  std::string server = message('R', "ok") + message('Z', "I");
  server += message('C', std::string("DELETE 2\0", 9)) + message('Z', "I") +
            message('C', std::string("DELETE 0\0", 9)) + message('Z', "I");
  server += message('C', std::string("DELETE 2\0", 9)) + message('E', "failed at the commit") + message('Z', "I");
  std::vector<bool> committed;
  Answered responded;
  for (const char c : server) responded.feed(std::string_view(&c, 1), [&](bool rows) { committed.push_back(rows); });
  EXPECT_EQ(committed, (std::vector<bool>{false, true, false, false}));
}

}  // namespace
}  // namespace prompted::test::crash
