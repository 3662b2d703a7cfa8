#pragma once
// When each reader served which partition, according to the readers' logs.
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/time.hpp"

namespace prompted::test {

struct Service {
  int reader = 0;
  base::Instant from;
  base::Instant to;
};

/// "0-85,100"
inline std::vector<int> partitions_in(const std::string& ranges) {
  std::vector<int> keys;
  std::size_t at = 0;
  while (at < ranges.size()) {
    const auto end = std::min(ranges.find(',', at), ranges.size());
    const std::string part = ranges.substr(at, end - at);
    const auto dash = part.find('-');
    const int first = std::stoi(part);
    const int last = dash == part.npos ? first : std::stoi(part.substr(dash + 1));
    for (int key = first; key <= last; ++key) keys.push_back(key);
    at = end + 1;
  }
  return keys;
}

class PartitionLog {
 public:
  /// Adds a reader's log. `ended`: when the process exited, or now.
  void add(int reader, const std::vector<std::string>& lines, base::Instant ended) {
    std::map<int, base::Instant> since;
    for (const auto& line : lines) {
      const auto entry = nlohmann::json::parse(line);
      const auto time = base::parse_rfc3339(entry.at("time").get<std::string>()).value();
      for (int key : partitions_in(entry.at("dropped"))) {
        services_[key].push_back({reader, since.at(key), time});
        since.erase(key);
      }
      for (int key : partitions_in(entry.at("taken"))) since[key] = time;
    }
    for (const auto& [key, time] : since) services_[key].push_back({reader, time, ended});
  }

  std::size_t services() const {
    std::size_t sum = 0;
    for (const auto& [key, list] : services_) sum += list.size();
    return sum;
  }
  /// Pairs of readers that served one partition at the same time.
  int overlaps() const {
    int found = 0;
    for (const auto& [key, list] : services_)
      for (std::size_t a = 0; a < list.size(); ++a)
        for (std::size_t b = a + 1; b < list.size(); ++b)
          if (list[a].reader != list[b].reader && list[a].from < list[b].to && list[b].from < list[a].to) ++found;
    return found;
  }

 private:
  std::map<int, std::vector<Service>> services_;
};

}  // namespace prompted::test
