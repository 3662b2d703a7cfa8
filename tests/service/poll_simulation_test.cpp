// The simulation behind docs/queue.md, run against the production code.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "postgres/libpqxx.hpp"
#include "service/queue_reader.hpp"
#include "service/queue_writers.hpp"
#include "support/postgres_cluster.hpp"

namespace prompted::test {
namespace {

using namespace std::chrono_literals;

/// Expects that every uuid was delivered once, and nothing else.
void expect_exactly_once(const QueueReader& reader, const std::set<std::string>& committed) {
  std::size_t missed = 0;
  std::size_t repeated = 0;
  for (const auto& uuid : committed) missed += reader.deliveries().contains(uuid) ? 0 : 1;
  for (const auto& [uuid, count] : reader.deliveries()) repeated += count > 1 ? 1 : 0;
  EXPECT_EQ(missed, 0u) << "of " << committed.size();
  EXPECT_EQ(repeated, 0u) << "of " << reader.deliveries().size();
  for (const auto& [uuid, count] : reader.deliveries())
    ASSERT_TRUE(committed.contains(uuid)) << uuid << " was never committed";
}

TEST(PollSimulation, PagesOverABacklogLargerThanMemoryWhileWritersCommitBetweenThePages) {
  const std::string url = PostgresCluster::shared().migrated_database();
  ReaderSettings settings;
  auto committed = insert_backlog(url, 6000, settings.partitions);

  // These insert before the first page and commit between later ones.
  std::vector<std::unique_ptr<QueueWriter>> late;
  std::vector<std::unique_ptr<pqxx::work>> open;
  std::vector<std::string> late_uuids;
  for (unsigned i = 0; i < 6; ++i) {
    late.push_back(std::make_unique<QueueWriter>(url, i, settings.partitions));
    open.push_back(std::make_unique<pqxx::work>(late.back()->connection()));
    for (int k = 0; k < 40; ++k) late_uuids.push_back(late.back()->insert(*open.back(), k % settings.partitions));
  }
  QueueReader reader(url, settings);
  for (std::size_t i = 0; i < open.size(); ++i) {
    const std::size_t next_page = 400 * (i + 1);
    ASSERT_TRUE(reader.run_until([&] { return reader.deliveries().size() >= next_page; }, 60s));
    open[i]->commit();
    QueueWriter plain(url, 100, settings.partitions);
    for (int k = 0; k < 5; ++k) plain.step();
    committed.merge(plain.committed());
  }
  committed.insert(late_uuids.begin(), late_uuids.end());
  ASSERT_TRUE(reader.run_until([&] { return reader.deliveries().size() >= committed.size(); }, 120s))
      << reader.deliveries().size() << " of " << committed.size();
  ASSERT_TRUE(reader.run_until(
      [sweeps = reader.sweep_counts().sweeps, &reader] { return reader.sweep_counts().sweeps > sweeps + 1; }, 20s));
  expect_exactly_once(reader, committed);
  EXPECT_GE(reader.counts().polls, 10u);
  EXPECT_EQ(reader.sweep_counts().missed_rows, 0u);
  EXPECT_LE(reader.most_in_memory(), settings.memory_messages);
}

TEST(PollSimulation, WildWritersAndAHotPartition) {
  const std::string url = PostgresCluster::shared().migrated_database();
  ReaderSettings settings;
  settings.memory_messages = 1000;
  std::vector<std::unique_ptr<QueueWriter>> writers;
  for (unsigned i = 0; i < 6; ++i) writers.push_back(std::make_unique<QueueWriter>(url, 7 + i, settings.partitions));
  // Two unrelated idle transactions: one that has written in this database, and one that only holds back a snapshot.
  pqxx::connection idle_connection(url);
  pqxx::work idle(idle_connection);
  idle.exec("SELECT pg_current_xact_id()");

  QueueReader reader(url, settings);
  std::atomic<int> running{6};
  std::vector<std::thread> threads;
  for (auto& writer : writers) {
    threads.emplace_back([&writer, &running] {
      for (int i = 0; i < 150; ++i) writer->step();
      --running;
    });
  }
  const bool wrote = reader.run_until([&] { return running == 0; }, 120s);
  for (auto& thread : threads) thread.join();
  ASSERT_TRUE(wrote);
  std::set<std::string> committed;
  for (auto& writer : writers) committed.merge(writer->committed());
  ASSERT_GT(committed.size(), 5000u);
  ASSERT_TRUE(reader.run_until([&] { return reader.deliveries().size() >= committed.size(); }, 120s));
  expect_exactly_once(reader, committed);
  EXPECT_EQ(reader.sweep_counts().missed_rows, 0u);
}

TEST(PollSimulation, ALateCommitIsSeenWhereAnIdWatermarkMissesIt) {
  const std::string url = PostgresCluster::shared().migrated_database();
  QueueWriter slow(url, 1, 16);
  QueueWriter quick(url, 2, 16);
  auto open = std::make_unique<pqxx::work>(slow.connection());
  const auto late = slow.insert(*open, 3);
  {
    pqxx::work work(quick.connection());
    quick.insert(work, 3);
    work.commit();
  }
  // A reader that remembers the highest id it has seen.
  pqxx::connection naive_connection(url);
  std::int64_t watermark = 0;
  std::set<std::string> naive;
  const auto naive_poll = [&] {
    pqxx::nontransaction work(naive_connection);
    for (const auto& row :
         pg::exec_params(work, "SELECT id, msg_uuid FROM queue_messages WHERE id > $1 ORDER BY id", watermark)) {
      watermark = row[0].as<std::int64_t>();
      naive.insert(row[1].as<std::string>());
    }
  };
  naive_poll();
  QueueReader reader(url, {});
  reader.consuming = false;
  ASSERT_TRUE(reader.run_until([&] { return reader.messages().size() == 1; }, 30s));
  open->commit();
  naive_poll();
  reader.consuming = true;
  ASSERT_TRUE(reader.run_until([&] { return reader.deliveries().contains(late); }, 30s));
  EXPECT_FALSE(naive.contains(late)) << "the watermark reader was expected to miss the late row";
}

TEST(PollSimulation, AfterACrashReusedXidsAreSeen) {
  PostgresCluster::Options options;
  options.fsync = true;
  PostgresCluster cluster(options);
  const std::string url = cluster.migrated_database();
  ReaderSettings settings;
  std::set<std::string> committed;
  QueueReader reader(url, settings);
  std::size_t reused = 0;
  for (int round = 0; round < 4; ++round) {
    {
      QueueWriter writer(url, static_cast<unsigned>(round), settings.partitions);
      for (int i = 0; i < 20; ++i) writer.step();
      committed.merge(writer.committed());
    }
    ASSERT_TRUE(reader.run_until([&] { return reader.deliveries().size() >= committed.size(); }, 60s));
    std::uint64_t highest = 0;
    {
      // Xids that never reach the WAL: after the crash they are assigned again.
      pqxx::connection connection(url);
      for (int i = 0; i < 300; ++i) {
        pqxx::nontransaction work(connection);
        highest = work.exec("SELECT pg_current_xact_id()::text")[0][0].as<std::uint64_t>();
      }
    }
    const auto polls = reader.counts().polls;
    ASSERT_TRUE(
        reader.run_until([&] { return reader.counts().polls > polls + 3; }, 30s));  // its snapshot is beyond them
    cluster.kill();
    cluster.start();
    QueueWriter writer(url, 50u + static_cast<unsigned>(round), settings.partitions);
    {
      pqxx::nontransaction work(writer.connection());
      reused += work.exec("SELECT pg_current_xact_id()::text")[0][0].as<std::uint64_t>() < highest ? 1 : 0;
    }
    for (int i = 0; i < 20; ++i) writer.step();
    committed.merge(writer.committed());
    ASSERT_TRUE(reader.run_until([&] { return reader.deliveries().size() >= committed.size(); }, 60s))
        << "round " << round << ": " << reader.deliveries().size() << " of " << committed.size();
  }
  EXPECT_GT(reused, 0u) << "no xid was assigned again: the test did not test anything";
  expect_exactly_once(reader, committed);
  EXPECT_GT(reader.counts().restarts, 0u);
}

/// Found by the crash test: between a crash and the next poll the sweep took rows with reused xids for missed ones.
TEST(PollSimulation, ASweepBeforeTheFirstPollAfterACrashRaisesNoAlarm) {
  PostgresCluster::Options options;
  options.fsync = true;
  PostgresCluster cluster(options);
  const std::string url = cluster.migrated_database();
  ReaderSettings settings;
  settings.poll_interval = 1h;
  QueueReader reader(url, settings);
  ASSERT_TRUE(reader.run_until([&] { return reader.counts().polls > 1; }, 30s));
  {
    // Xids that never reach the WAL: after the crash they are assigned again.
    pqxx::connection connection(url);
    for (int i = 0; i < 300; ++i) pqxx::nontransaction(connection).exec("SELECT pg_current_xact_id()");
  }
  const auto polls = reader.counts().polls + 1;
  reader.wake();
  ASSERT_TRUE(reader.run_until([&] { return reader.counts().polls >= polls; }, 30s));  // its snapshot is beyond them
  cluster.kill();
  cluster.start();
  std::set<std::string> committed;
  QueueWriter writer(url, 0, settings.partitions);
  for (int i = 0; i < 20; ++i) {
    pqxx::work work(writer.connection());
    committed.insert(writer.insert(work, i % settings.partitions));
    work.commit();
  }
  const auto sweeps = reader.sweep_counts().sweeps;
  ASSERT_TRUE(reader.run_until([&] { return reader.sweep_counts().sweeps > sweeps + 1; }, 30s));
  EXPECT_EQ(reader.counts().polls, polls) << "a poll was first: the test did not test anything";
  EXPECT_EQ(reader.sweep_counts().missed_rows, 0u);
  reader.wake();
  ASSERT_TRUE(reader.run_until([&] { return reader.deliveries().size() >= committed.size(); }, 60s));
  expect_exactly_once(reader, committed);
}

}  // namespace
}  // namespace prompted::test
