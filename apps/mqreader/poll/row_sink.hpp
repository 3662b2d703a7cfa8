#pragma once
// The poll's interface to a topic's memory.
#include <cstdint>
#include <map>
#include <vector>

#include "mqreader/message.hpp"

namespace prompted::mqreader {

/// Owner: the daemon's thread. Called once a page, never once a row.
class RowSink {
 public:
  virtual ~RowSink() = default;

  /// How much fits now.
  virtual Room room() = 0;
  /// Returns how many rows were new. `fresh`: they came with a first page, not with a further one of a backlog (see
  /// Room).
  virtual std::size_t take_in(std::vector<Row> rows, bool fresh) = 0;
  /// A pass over all partitions has ended. `short_of_room`: the table holds more than there was room for.
  virtual void pass_ended(bool short_of_room) = 0;
  /// Drops all rows, because the server has changed. Every row will be read again.
  virtual void forget_all() = 0;

  /// The ids of `keys` that are not in memory, up to `most`.
  virtual std::vector<std::int64_t> missing(const std::vector<MessageKey>& keys, std::size_t most) const = 0;
  /// By partition, of the rows in memory.
  virtual std::map<int, std::uint64_t> lowest_xids() const = 0;
};

}  // namespace prompted::mqreader
