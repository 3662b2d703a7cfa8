#pragma once
// One connection's part of the limit: the four statements of a message's life, each with its own commit, with the
// daemons' statement texts and connection settings. It owns a range of partitions, publishes into these and reads them
// back, as one mqreader does.
#include <cstddef>
#include <string>
#include <vector>

#include "base/uuid.hpp"
#include "load/pq.hpp"
#include "load/rows.hpp"

namespace prompted::bench {

class QueueLoop {
 public:
  struct Part {
    int index = 0;
    int count = 1;  ///< parts that share all partitions
  };
  QueueLoop(const std::string& dsn, const std::vector<Row>& rows, Part part, std::size_t batch);

  void insert();
  /// Reads back what insert() wrote; throws when it is not exactly that.
  void poll();
  void insert_telemetry();
  void remove();

 private:
  struct Polled {
    std::int64_t id = 0;
    base::Uuid uuid;
  };

  std::vector<Row> rows_;  // of its partitions
  std::vector<int> partitions_;
  std::size_t batch_;
  std::size_t next_row_ = 0;
  std::string base_ = "1:1:";  // docs/queue.md: visible there = seen
  std::string incarnation_;    ///< of the server: deletes carry it
  std::string server_start_;
  base::UuidV7Generator uuids_;
  std::vector<const Row*> sent_;
  std::vector<base::Uuid> ids_;
  std::vector<Polled> polled_;
  base::Instant stamped_{};
  Pq connection_;
};

}  // namespace prompted::bench
