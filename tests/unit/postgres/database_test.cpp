// The database threads against a real server: jobs, limits, deadlines, outages.
#include "postgres/database.hpp"

#include <algorithm>

#include "postgres/session.hpp"
#include "support/postgres_cluster.hpp"
#include "unit/postgres/owner_loop.hpp"

namespace prompted::pg {
namespace {

using base::Clock;
using boost::asio::awaitable;
using test::PostgresCluster;

/// The first field of a statement's result.
awaitable<std::string> ask(Database& database, const char* text, base::TimePoint deadline = base::never) {
  auto job = [text](Session& session) {
    const Statement statement{"ask", text};
    return std::string(session.exec(statement)[0][0].c_str());
  };
  return database.run(std::move(job), deadline);
}
awaitable<int> twice(Database& database, int n) {
  auto job = [n](Session& session) {
    static constexpr Statement statement{"twice", "SELECT 2 * $1::int"};
    return session.exec(statement, n)[0][0].as<int>();
  };
  return database.run(std::move(job));
}
awaitable<bool> stop(Database& database, base::Duration grace) {
  co_await database.stop(Clock::now() + grace);
  co_return true;
}

/// Sets `*ended` when its frame is destroyed, for whatever reason.
awaitable<std::string> ask_and_tell(Database& database, const char* text, bool* ended) {
  const std::shared_ptr<void> guard(ended, [](void* flag) { *static_cast<bool*>(flag) = true; });
  co_return co_await ask(database, text);
}

class DatabaseTest : public testing::Test {
 protected:
  Database& open(int workers, std::size_t waiting = 256,
                 const std::string& url = PostgresCluster::shared().empty_database()) {
    Options options;
    options.dsn = url;
    options.application_name = "prompted-test";
    options.workers = workers;
    options.waiting_jobs = waiting;
    options.on_connect = {"SET synchronous_commit = off", "SET jit = off"};
    options.statement_timeout = 20s;
    database = std::make_unique<Database>(owner.context(), std::move(options));
    EXPECT_TRUE(owner.until([&] { return database->stats().connected == workers; }));
    return *database;
  }
  void sql(const std::string& url, const std::string& text) {
    pqxx::connection connection(url);
    pqxx::nontransaction(connection).exec(text);
  }
  bool busy(int workers) {
    return owner.until([&] { return database->stats().busy == workers; });
  }

  OwnerLoop owner;
  std::unique_ptr<Database> database;  // goes before the owner
};

TEST_F(DatabaseTest, ManyJobsEachGetTheirOwnResult) {
  auto& db = open(4, 1000);
  std::vector<OutcomePtr<int>> outcomes;
  for (int i = 0; i < 1000; ++i) outcomes.push_back(owner.start(twice(db, i)));
  ASSERT_TRUE(owner.until(
      [&] { return std::all_of(outcomes.begin(), outcomes.end(), [](const auto& o) { return o->done(); }); }));
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(outcomes[static_cast<std::size_t>(i)]->value, 2 * i);
  const PoolStats stats = db.stats();
  EXPECT_GE(stats.jobs, 1000u);
  EXPECT_EQ(stats.busy, 0);
  EXPECT_EQ(stats.waiting, 0u);
  EXPECT_EQ(stats.lost, 0u);
  EXPECT_EQ(stats.connects, 4u);
}

TEST_F(DatabaseTest, StatementsAreCountedByName) {
  auto& db = open(4, 1000);
  std::vector<OutcomePtr<int>> outcomes;
  for (int i = 0; i < 100; ++i) outcomes.push_back(owner.start(twice(db, i)));
  const auto refused = owner.finish(ask(db, "SELECT 1/0"));
  EXPECT_TRUE(refused->error);
  ASSERT_TRUE(owner.until(
      [&] { return std::all_of(outcomes.begin(), outcomes.end(), [](const auto& o) { return o->done(); }); }));
  const auto statements = db.stats().statements;
  ASSERT_TRUE(statements.contains("twice"));
  EXPECT_EQ(statements.at("twice").runs, 100u);
  EXPECT_EQ(statements.at("twice").failures, 0u);
  EXPECT_GT(statements.at("twice").time, base::Duration::zero());
  EXPECT_EQ(statements.at("ask").runs, 1u);
  EXPECT_EQ(statements.at("ask").failures, 1u);
}

TEST_F(DatabaseTest, ConnectionsAreSetUp) {
  auto& db = open(1);
  EXPECT_EQ(owner.finish(ask(db, "SHOW synchronous_commit"))->value, "off");
  EXPECT_EQ(owner.finish(ask(db, "SHOW jit"))->value, "off");
  EXPECT_EQ(owner.finish(ask(db, "SHOW statement_timeout"))->value, "20s");
  EXPECT_EQ(owner.finish(ask(db, "SHOW application_name"))->value, "prompted-test");
}

TEST_F(DatabaseTest, AJobsOwnErrorsPassThroughAndCostNoConnection) {
  auto& db = open(1);
  const auto refused = owner.finish(ask(db, "SELECT 1/0"));
  try {
    std::rethrow_exception(refused->error);
  } catch (const StatementError& error) {
    EXPECT_EQ(error.sqlstate, "22012");
    EXPECT_EQ(error.statement, "ask");
    EXPECT_TRUE(error.data_error());
  }
  auto thrower = [](Session&) -> int { throw std::out_of_range("mine"); };
  EXPECT_TRUE(owner.finish(db.run(std::move(thrower)))->failed_as<std::out_of_range>());
  EXPECT_EQ(owner.finish(twice(db, 4))->value, 8);
  EXPECT_EQ(db.stats().lost, 0u);
}

TEST_F(DatabaseTest, AFullQueueIsOverloaded) {
  auto& db = open(1, 2);
  const auto running = owner.start(ask(db, "SELECT 'ran' FROM pg_sleep(0.5)"));
  ASSERT_TRUE(busy(1));
  const auto first = owner.start(twice(db, 1));
  const auto second = owner.start(twice(db, 2));
  const auto third = owner.start(twice(db, 3));
  ASSERT_TRUE(owner.until([&] { return third->done(); }));
  EXPECT_TRUE(third->failed_as<Overloaded>());
  EXPECT_FALSE(first->done());
  EXPECT_EQ(db.stats().waiting, 2u);
  ASSERT_TRUE(owner.until([&] { return second->done(); }));
  EXPECT_EQ(running->value, "ran");
  EXPECT_EQ(first->value, 2);
  EXPECT_EQ(second->value, 4);
}

TEST_F(DatabaseTest, AJobThatWaitedTooLongIsNeverSent) {
  const std::string url = PostgresCluster::shared().empty_database();
  auto& db = open(1, 256, url);
  const auto late = owner.finish(ask(db, "SELECT 1", Clock::now() - 1s));
  EXPECT_TRUE(late->failed_as<Expired>());
  pqxx::connection other(url);
  pqxx::nontransaction blocker(other);
  blocker.exec("SELECT pg_advisory_lock(1)");
  const auto running = owner.start(ask(db, "SELECT 'ran' FROM pg_advisory_lock(1)"));
  ASSERT_TRUE(busy(1));
  const auto waiting = owner.finish(ask(db, "SELECT 1", Clock::now() + 200ms));
  EXPECT_TRUE(waiting->failed_as<Expired>());
  EXPECT_FALSE(running->done());  // at its deadline, not when the worker comes free
  EXPECT_EQ(db.stats().waiting, 0u);
  blocker.exec("SELECT pg_advisory_unlock(1)");
  ASSERT_TRUE(owner.until([&] { return running->done(); }));
  EXPECT_EQ(running->value, "ran");
}

TEST_F(DatabaseTest, ADeadlineCutsTheRunningJobAndTheNextWorks) {
  auto& db = open(1);
  EXPECT_TRUE(owner.finish(ask(db, "SELECT 1 FROM pg_sleep(20)", Clock::now() + 200ms))->failed_as<Expired>());
  EXPECT_EQ(owner.finish(twice(db, 4))->value, 8);
  EXPECT_EQ(db.stats().lost, 1u);
}

TEST_F(DatabaseTest, TerminatedBackendsFailTheirJobsAndAreReplaced) {
  const std::string url = PostgresCluster::shared().empty_database();
  auto& db = open(4, 256, url);
  std::vector<OutcomePtr<std::string>> outcomes;
  for (int i = 0; i < 3; ++i) outcomes.push_back(owner.start(ask(db, "SELECT 1 FROM pg_sleep(20)")));
  ASSERT_TRUE(busy(3));
  sql(url,
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'prompted-test' AND datname = "
      "current_database()");
  for (const auto& outcome : outcomes) {
    ASSERT_TRUE(owner.until([&] { return outcome->done(); }));
    EXPECT_TRUE(outcome->failed_as<Unavailable>());
  }
  ASSERT_TRUE(owner.until([&] { return db.stats().connected == 4; }));
  std::vector<OutcomePtr<int>> again;
  for (int i = 0; i < 20; ++i) again.push_back(owner.start(twice(db, i)));
  ASSERT_TRUE(
      owner.until([&] { return std::all_of(again.begin(), again.end(), [](const auto& o) { return o->done(); }); }));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(again[static_cast<std::size_t>(i)]->value, 2 * i);
}

TEST_F(DatabaseTest, IdleConnectionsThatDiedAreNoticedWithoutAJob) {
  const std::string url = PostgresCluster::shared().empty_database();
  auto& db = open(3, 256, url);
  sql(url,
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'prompted-test' AND datname = "
      "current_database()");
  ASSERT_TRUE(owner.until([&] { return db.stats().lost > 0; }));
  ASSERT_TRUE(owner.until([&] { return db.stats().connected == 3; }));
  EXPECT_EQ(owner.finish(twice(db, 1))->value, 2);
}

TEST_F(DatabaseTest, StopFinishesWhatItTook) {
  auto& db = open(1);
  std::vector<OutcomePtr<std::string>> outcomes;
  for (int i = 0; i < 5; ++i) outcomes.push_back(owner.start(ask(db, "SELECT 'ran' FROM pg_sleep(0.05)")));
  owner.context().poll();
  EXPECT_TRUE(owner.finish(stop(db, 20s))->value.has_value());
  for (const auto& outcome : outcomes) EXPECT_EQ(outcome->value, "ran");
  EXPECT_TRUE(owner.finish(twice(db, 1))->failed_as<Unavailable>());
}

TEST_F(DatabaseTest, StopCutsWhatDoesNotEnd) {
  auto& db = open(1);
  const auto running = owner.start(ask(db, "SELECT 1 FROM pg_sleep(20)"));
  const auto waiting = owner.start(twice(db, 1));
  ASSERT_TRUE(busy(1));
  owner.finish(stop(db, 200ms));
  ASSERT_TRUE(owner.until([&] { return running->done() && waiting->done(); }));
  EXPECT_TRUE(running->failed_as<Unavailable>());  // cut: its sleep would have ended with a row
  EXPECT_TRUE(waiting->failed_as<Unavailable>());
}

TEST_F(DatabaseTest, DestroyedWithJobsInFlightItEndsThoseWhoWait) {
  bool running_ended = false;
  bool waiting_ended = false;
  auto& db = open(1);
  owner.start(ask_and_tell(db, "SELECT 1 FROM pg_sleep(20)", &running_ended));
  owner.start(ask_and_tell(db, "SELECT 2", &waiting_ended));
  ASSERT_TRUE(owner.until([&] { return db.stats().busy == 1 && db.stats().waiting == 1; }));
  database.reset();
  owner.context().poll();
  EXPECT_TRUE(running_ended);
  EXPECT_TRUE(waiting_ended);
}

TEST_F(DatabaseTest, AStoppedServerIsUnavailableAtOnceUntilItIsBack) {
  PostgresCluster cluster;
  auto& db = open(3, 256, cluster.empty_database());
  const auto running = owner.start(ask(db, "SELECT 1 FROM pg_sleep(20)"));
  ASSERT_TRUE(busy(1));
  cluster.stop_immediate();
  ASSERT_TRUE(owner.until([&] { return running->done(); }));
  EXPECT_TRUE(running->failed_as<Unavailable>());
  ASSERT_TRUE(owner.until([&] { return !db.ready(); }));
  EXPECT_TRUE(owner.finish(twice(db, 1))->failed_as<Unavailable>());  // every worker has failed to connect by then
  for (int i = 0; i < 50; ++i) {
    EXPECT_TRUE(owner.finish(twice(db, 1))->failed_as<Unavailable>());  // not Expired: it waits for no deadline
  }
  cluster.start();
  ASSERT_TRUE(owner.until([&] { return db.ready(); }));
  EXPECT_EQ(owner.finish(twice(db, 21))->value, 42);
  ASSERT_TRUE(owner.until([&] { return db.stats().connected == 3; }));
}

TEST_F(DatabaseTest, AFrozenServerExpiresJobsAtTheirDeadline) {
  PostgresCluster cluster;
  auto& db = open(2, 256, cluster.empty_database());
  cluster.freeze();
  for (int i = 0; i < 3; ++i) {  // the third finds no connection that is up
    const auto outcome = owner.finish(ask(db, "SELECT 1", Clock::now() + 300ms));
    EXPECT_TRUE(outcome->failed_as<Expired>() || (i > 0 && outcome->failed_as<Unavailable>()));
  }
  cluster.thaw();  // only now: none of them waited for the server
  EXPECT_TRUE(owner.until([&] { return owner.finish(twice(db, 21))->value == 42; }));
}

}  // namespace
}  // namespace prompted::pg
