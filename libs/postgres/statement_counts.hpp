#pragma once
// What the statements of one connection came to, counted on its thread and handed to the owner with each job's result.
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "postgres/database.hpp"

namespace prompted::pg {

/// Owner: the worker's thread while a job of its is under way, the database's between two jobs; never both, and the
/// post that passes it on orders them. One entry a name: names are constants of the program. No allocation once each
/// has been used.
class StatementCounts {
 public:
  void add(const char* name, bool failed, base::Duration took);
  /// Adds what was counted to `total`, and begins anew.
  void move_to(std::map<std::string, StatementStats, std::less<>>& total);

 private:
  struct Entry {
    const char* name;
    StatementStats stats;
  };
  std::vector<Entry> entries_;
};

}  // namespace prompted::pg
