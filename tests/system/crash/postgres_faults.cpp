#include "system/crash/postgres_faults.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdio>
#include <memory>
#include <optional>

#include "support/wait.hpp"

namespace prompted::test::crash {
namespace {

using namespace std::chrono_literals;

pqxx::result run(const std::string& url, const std::string& statement) {
  pqxx::connection connection(url);
  pqxx::nontransaction work(connection);
  return work.exec(statement);
}

/// The sequence of a table's ids.
std::string sequence_of_ids(const std::string& table) {
  return "pg_get_serial_sequence('" + table + "', 'id')::regclass";
}

/// Sets sequences behind their tables and holds rows in the queue meanwhile. In a queue drained as fast as it fills,
/// all reused ids would be free.
class Behind {
 public:
  explicit Behind(const std::string& url) : url_(url), connection_(url) {}

  void begin(int by) {
    work_.emplace(connection_);
    const long long least = hold_rows();
    for (std::size_t i = 0; i < tables.size(); ++i) {
      const std::string sequence = sequence_of_ids(tables[i]);
      last_values_[i] = run(url_, "SELECT coalesce(pg_sequence_last_value(" + sequence + "), 1)")[0][0].as<long long>();
      const auto most = run(url_, std::string("SELECT max(id) FROM ") + tables[i])[0][0].as<long long>(last_values_[i]);
      // The queue's sequence goes back only as far as the held rows; otherwise the load might not reach their ids in
      // time.
      const auto begin = std::max<long long>({1, most - by, i == 0 ? least - 20 : 1});
      run(url_, "SELECT setval(" + sequence + ", " + std::to_string(begin) + ")");
    }
  }

  /// Repairs sequences as an administrator would, beyond the ids of uncommitted transactions too.
  void end() {
    work_.reset();
    for (std::size_t i = 0; i < tables.size(); ++i) {
      const std::string sequence = sequence_of_ids(tables[i]);
      run(url_, "SELECT setval(" + sequence + ", 1000 + greatest((SELECT max(id) FROM " + tables[i] +
                    "), pg_sequence_last_value(" + sequence + "), " + std::to_string(last_values_[i]) + "))");
    }
  }

 private:
  static constexpr std::array<const char*, 2> tables{"queue_messages", "telemetry"};

  /// Their lowest id; 1 if the queue stays empty.
  long long hold_rows() {
    long long least = 1;
    eventually(
        [&] {
          const auto rows =
              work_->exec("SELECT id FROM queue_messages ORDER BY id DESC LIMIT 200 FOR UPDATE SKIP LOCKED");
          if (!rows.empty()) least = rows[rows.size() - 1][0].as<long long>();
          return !rows.empty();
        },
        2s);
    return least;
  }

  std::string url_;
  pqxx::connection connection_;
  std::optional<pqxx::work> work_;
  std::array<long long, tables.size()> last_values_{};
};

}  // namespace

void last(std::chrono::milliseconds duration) {
  boost::asio::io_context context;
  boost::asio::steady_timer(context, duration).wait();
}

PostgresFaults::PostgresFaults(Fleet& fleet, Servers& servers, std::mt19937_64& random)
    : fleet_(fleet), servers_(servers), random_(random) {}

bool PostgresFaults::makes(Kind kind) {
  switch (kind) {
    case Kind::stop_postgres:
    case Kind::kill_postgres:
    case Kind::freeze_postgres:
    case Kind::promote:
    case Kind::terminate_sessions:
    case Kind::reindex:
    case Kind::vacuum_full:
    case Kind::sequence_behind:
    case Kind::foreign_xids:
      return true;
    default:
      return false;
  }
}

PostgresFaults::Milliseconds PostgresFaults::between(int least_ms, int most_ms) {
  return Milliseconds(std::uniform_int_distribution(least_ms, most_ms)(random_));
}

Fault PostgresFaults::fault(const char* name, Milliseconds hold, std::function<void()> begin,
                            std::function<void()> end) {
  return {name, hold, [this] { return fleet_.waiting_for_postgres(); }, std::move(begin), std::move(end)};
}

Fault PostgresFaults::make(Kind kind) {
  const auto start = [this] { servers_.primary().start(); };
  const auto nothing = [] {};
  switch (kind) {
    case Kind::stop_postgres:
      return fault(
          "stop PostgreSQL immediately", between(0, 1500), [this] { servers_.primary().stop_immediate(); }, start);
    case Kind::kill_postgres:
      return fault(
          "kill -9 PostgreSQL", between(0, 1500), [this] { servers_.primary().kill(); }, start);
    case Kind::freeze_postgres:
      return fault(
          "freeze PostgreSQL", between(500, 3500), [this] { servers_.primary().freeze(); },
          [this] { servers_.primary().thaw(); });
    case Kind::terminate_sessions:  // twice, to hit sessions that have just reconnected
      return fault(
          "terminate all sessions", between(0, 800), [this] { terminate_sessions(); },
          [this] { terminate_sessions(); });
    case Kind::reindex: {
      const bool concurrently = random_() % 2 == 0;
      return fault(
          concurrently ? "REINDEX CONCURRENTLY" : "REINDEX", Milliseconds(0),
          [=, this] {
            rewrite(std::string("REINDEX TABLE ") + (concurrently ? "CONCURRENTLY " : "") + "queue_messages");
            rewrite("REINDEX TABLE telemetry");
          },
          nothing);
    }
    case Kind::vacuum_full:
      return fault(
          "VACUUM FULL", Milliseconds(0),
          [this] {
            for (int tries = 0; tries < 3 && !rewrite("VACUUM FULL queue_messages"); ++tries) {
            }
          },
          nothing);
    case Kind::sequence_behind:
      return sequences();
    case Kind::foreign_xids: {
      const int rows = static_cast<int>(between(50, 300).count());
      return fault(
          "foreign xids", Milliseconds(0), [=, this] { make_foreign(rows); }, nothing);
    }
    default:
      return promotion();
  }
}

Fault PostgresFaults::promotion() {
  Failover failover;
  if (random_() % 2 == 0) failover.slow = between(30, 150);
  if (random_() % 4 != 0) failover.lag = between(50, 700);
  failover.silence = between(20, 200);
  failover.order = fleet_.all();
  std::shuffle(failover.order.begin(), failover.order.end(), random_);
  return fault(
      "promote the standby", between(0, 1000), [=, this] { promote(failover); },
      [this] {
        servers_.rebuild_standby();
        fleet_.follow(servers_);
      });
}

/// Asynchronous replication loses what was committed within the lag; with synchronous replication, no client got a
/// response for it. Members lose the primary one after the other, so some continue with rows that the old primary
/// returned and the new one will not have.
void PostgresFaults::promote(const Failover& failover) {
  const auto slow_readers = [this](Milliseconds pause) {
    for (const auto& reader : fleet_.of("mqreader")) reader->delay_postgres(pause);
  };
  if (failover.slow.count() > 0) slow_readers(failover.slow);
  Promotion promotion;
  promotion.complete = servers_.complete_standby();
  servers_.stall_replication();
  for (Member* member : failover.order) {
    last(failover.lag / failover.order.size());
    member->hold_postgres(true);
  }
  promotion.silence = std::chrono::steady_clock::now();
  last(failover.silence);  // lets HTTP responses in transit arrive
  servers_.promote();
  note_survivors();
  fleet_.cut_postgres();
  fleet_.follow(servers_);
  if (failover.slow.count() > 0) slow_readers(Milliseconds(0));
  for (Member* member : failover.order) member->hold_postgres(false);
  deeds_.promotions.push_back(promotion);
}

/// No client has written to the new primary yet.
void PostgresFaults::note_survivors() {
  pqxx::connection connection(servers_.url());
  pqxx::nontransaction work(connection);
  for (const char* ids :
       {"SELECT msg_uuid FROM queue_messages", "SELECT uuid FROM telemetry", "SELECT msg_uuid FROM dead_letters"}) {
    for (const auto& row : work.exec(ids)) deeds_.survived.insert(row[0].c_str());
  }
}

void PostgresFaults::terminate_sessions() {
  const auto rows = run(servers_.url(),
                        "SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity"
                        " WHERE application_name LIKE 'prompted%'");
  deeds_.sessions_terminated += rows[0][0].as<std::size_t>();
}

bool PostgresFaults::rewrite(const std::string& statement) {
  try {
    pqxx::connection connection(servers_.url());
    pqxx::nontransaction work(connection);
    work.exec("SET lock_timeout = '3s'");
    work.exec("SET statement_timeout = '60s'");
    work.exec(statement);
    ++deeds_.rewrites;
    return true;
  } catch (const pqxx::sql_error& error) {
    std::printf("      %s: %s", statement.c_str(), error.what());
    drop_invalid_indexes();
    return false;
  }
}

/// A failed REINDEX CONCURRENTLY leaves an invalid index behind.
void PostgresFaults::drop_invalid_indexes() {
  for (const auto& row : run(servers_.url(), "SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid"))
    run(servers_.url(), std::string("DROP INDEX ") + row[0].c_str());
}

Fault PostgresFaults::sequences() {
  const int by = static_cast<int>(between(200, 900).count());
  const auto behind = std::make_shared<std::optional<Behind>>();
  return fault(
      "sequences behind their tables", between(500, 1500),
      [=, this] {
        behind->emplace(servers_.url()).begin(by);
        ++deeds_.sequences_behind;
      },
      [=] {
        (*behind)->end();
        behind->reset();
      });
}

/// Rows as pg_dump restores them from a cluster with higher transaction ids.
void PostgresFaults::make_foreign(int rows) {
  std::size_t made = 0;
  eventually(
      [&] {
        const auto changed =
            run(servers_.url(),
                "UPDATE queue_messages SET xid = (pg_current_xact_id()::text::bigint + 1000000)::text::xid8"
                " WHERE id IN (SELECT id FROM queue_messages WHERE state = 'ready'"
                " AND xid < pg_current_xact_id() ORDER BY id DESC LIMIT " +
                    std::to_string(rows) + " FOR UPDATE SKIP LOCKED)");
        made += static_cast<std::size_t>(changed.affected_rows());
        return made >= static_cast<std::size_t>(rows);
      },
      2s);
  deeds_.foreign_rows += made;
}

}  // namespace prompted::test::crash
