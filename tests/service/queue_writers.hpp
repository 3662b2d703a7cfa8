#pragma once
// Writers that behave as no good service would: late commits, rollbacks, savepoints, many subtransactions.
#include <pqxx/pqxx>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/uuid.hpp"
#include "postgres/libpqxx.hpp"

namespace prompted::test {

/// One connection that inserts messages and records which were committed. Owner: one thread.
class QueueWriter {
 public:
  QueueWriter(const std::string& url, unsigned seed, int partitions)
      : connection_(url), random_(seed), partitions_(partitions) {}

  /// Runs one transaction of a random kind.
  void step() {
    pqxx::work work(connection_);
    std::vector<std::string> inserted;
    const int kind = pick(10);
    const int rows = 1 + pick(20);
    for (int i = 0; i < rows; ++i) inserted.push_back(insert(work, kind == 0 ? 0 : pick(partitions_)));
    if (kind == 1) savepoints(work, inserted, 3);
    if (kind == 2) savepoints(work, inserted, 70);  // more than PGPROC_MAX_CACHED_SUBXIDS
    if (kind == 3) return;                          // rolled back: its ids and its xid are never seen
    work.commit();
    committed_.insert(inserted.begin(), inserted.end());
  }

  std::string insert(pqxx::transaction_base& work, int partition) {
    const std::string uuid = base::to_string(base::random_uuid());
    pg::exec_params(
        work,
        "INSERT INTO queue_messages (topic, msg_uuid, payload, partition_key) VALUES ('telemetry', $1::uuid, "
        "'{\"v\":1}', $2)",
        uuid, partition);
    return uuid;
  }

  std::set<std::string>& committed() { return committed_; }
  pqxx::connection& connection() { return connection_; }
  int pick(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }

 private:
  /// In SQL: libpqxx 6's subtransaction does not begin before its first plain exec().
  void savepoints(pqxx::work& work, std::vector<std::string>& inserted, int count) {
    for (int i = 0; i < count; ++i) {
      work.exec("SAVEPOINT s");
      const auto uuid = insert(work, pick(partitions_));
      if (i % 3 == 0) {
        work.exec("ROLLBACK TO SAVEPOINT s");
      } else {
        work.exec("RELEASE SAVEPOINT s");
        inserted.push_back(uuid);
      }
    }
  }

  pqxx::connection connection_;
  std::mt19937 random_;
  int partitions_;
  std::set<std::string> committed_;
};

/// Inserts `rows` messages in one statement; returns their uuids.
inline std::set<std::string> insert_backlog(const std::string& url, int rows, int partitions) {
  pqxx::connection connection(url);
  pqxx::work work(connection);
  const auto result = pg::exec_params(
      work,
      "INSERT INTO queue_messages (topic, msg_uuid, payload, partition_key)"
      " SELECT 'telemetry', gen_random_uuid(), '{\"v\":1}', i % $2 FROM generate_series(1, $1) i RETURNING msg_uuid",
      rows, partitions);
  std::set<std::string> uuids;
  for (const auto& row : result) uuids.insert(row[0].as<std::string>());
  work.commit();
  return uuids;
}

}  // namespace prompted::test
