#pragma once
// The statement counts of one connection, counted on its thread and handed to the owner with each job's result.
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "postgres/database.hpp"

namespace prompted::pg {

/// Owner: the worker's thread during a job, the database's between two jobs; never both, and the post that hands it
/// over orders them. One entry per name; names are constants, so nothing is allocated once each has been used.
class StatementCounts {
 public:
  void add(const char* name, bool failed, base::Duration took);
  /// Adds the counts to `total` and resets them.
  void move_to(std::map<std::string, StatementStats, std::less<>>& total);

 private:
  struct Entry {
    const char* name;
    StatementStats stats;
  };
  std::vector<Entry> entries_;
};

}  // namespace prompted::pg
