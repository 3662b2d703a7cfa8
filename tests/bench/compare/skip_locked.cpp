// The usual first design of a SQL queue: one table, SELECT … FOR UPDATE SKIP LOCKED, DELETE, in the consumer's
// transaction. It has no topics, idempotency keys or partitions, and no service in front of the database.
#include <stdexcept>

#include "compare/peer.hpp"
#include "load/commands.hpp"
#include "load/pq.hpp"
#include "load/rows.hpp"

namespace prompted::bench {

namespace {

constexpr const char* table = "CREATE TABLE IF NOT EXISTS jobs (id bigserial PRIMARY KEY, payload jsonb NOT NULL)";
constexpr pg::Statement insert{"insert", "INSERT INTO jobs (payload) SELECT * FROM unnest($1::jsonb[])"};
constexpr pg::Statement take{"take",
                             "WITH taken AS (SELECT id FROM jobs ORDER BY id LIMIT $1::int FOR UPDATE SKIP LOCKED)"
                             " DELETE FROM jobs USING taken WHERE jobs.id = taken.id RETURNING jobs.id, jobs.payload"};

class SkipLocked : public Peer {
 public:
  explicit SkipLocked(const std::string& dsn) : rows_(make_rows()), connection_(dsn) {}

  void produce(std::size_t batch) override {
    pg::Array payloads(pg::ElementType::jsonb, batch * (row_bytes + 5));
    const auto stamped = base::now_utc();
    for (std::size_t i = 0; i < batch; ++i) {
      Row& row = rows_[next_++ % rows_.size()];
      stamp(row.json, row.stamp_at, stamped + std::chrono::microseconds(i));
      payloads.add(std::string_view(row.json));
    }
    Parameters parameters;
    parameters.add(payloads);
    connection_.run(insert, parameters);
  }

  std::size_t consume(std::size_t batch) override {
    Parameters parameters;
    parameters.add(std::to_string(batch));
    connection_.run("BEGIN");
    const Result taken = connection_.run(take, parameters);
    connection_.run("COMMIT");
    return static_cast<std::size_t>(PQntuples(taken.get()));
  }

 private:
  std::vector<Row> rows_;
  std::size_t next_ = 0;
  Pq connection_;
};

}  // namespace

int skip_locked(int argc, char** argv) {
  const Options options(argc, argv,
                        {{"dsn", ""}, {"connections", "2"}, {"batch", "500"}, {"messages", "100000"}, {"limit", "60"}});
  Pq(options.text("dsn")).run(table);
  return run_peer(options, [&](std::size_t) { return std::make_unique<SkipLocked>(options.text("dsn")); });
}

}  // namespace prompted::bench
