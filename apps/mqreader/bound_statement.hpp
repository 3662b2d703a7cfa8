#pragma once
// Runs statements that carry the ServerId of the rows they follow from, and do nothing on another server. For stores.
#include <cstddef>

#include "postgres/session.hpp"

namespace prompted::mqreader {

/// The single row that such a statement returns.
struct BoundResult {
  explicit BoundResult(const pqxx::result& result)
      : same_server(result[0][0].as<bool>()), rows(result[0][1].as<std::size_t>()) {}

  bool same_server;
  std::size_t rows;
};

/// Runs the statement, and once more if it found fewer rows than named: it skips rows that another transaction is
/// updating. Returns whether the server is the one that the statement carries.
template <class Run>
bool run_bound(const Run& run, std::size_t named) {
  const BoundResult first = run();
  if (!first.same_server || first.rows >= named) return first.same_server;
  return run().same_server;
}

}  // namespace prompted::mqreader
