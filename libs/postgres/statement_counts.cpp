#include "postgres/statement_counts.hpp"

#include <algorithm>
#include <string_view>

namespace prompted::pg {

void StatementCounts::add(const char* name, bool failed, base::Duration took) {
  auto entry = std::find_if(entries_.begin(), entries_.end(), [name](const Entry& e) { return e.name == name; });
  if (entry == entries_.end()) entry = entries_.insert(entry, Entry{name, {}});
  ++entry->stats.runs;
  entry->stats.failures += failed ? 1 : 0;
  entry->stats.time += took;
}

void StatementCounts::move_to(std::map<std::string, StatementStats, std::less<>>& total) {
  for (const Entry& entry : entries_) {
    auto found = total.find(std::string_view(entry.name));
    if (found == total.end()) found = total.emplace(entry.name, StatementStats{}).first;
    found->second.runs += entry.stats.runs;
    found->second.failures += entry.stats.failures;
    found->second.time += entry.stats.time;
  }
  entries_.clear();
}

}  // namespace prompted::pg
