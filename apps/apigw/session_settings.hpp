#pragma once
// Settings of each database connection of this service.
#include <string>
#include <vector>

namespace prompted::apigw {

inline std::vector<std::string> session_settings() {
  return {// Timestamps then come as texts that entry_json.cpp turns into RFC 3339 by moving bytes.
          "SET TimeZone = 'UTC'", "SET DateStyle = 'ISO'",
          // A page walks its index from the cursor on. Without statistics the planner would fetch and sort the
          // rest of the window for every page.
          "SET enable_sort = off", "SET enable_bitmapscan = off", "SET enable_seqscan = off", "SET jit = off",
          "SET max_parallel_workers_per_gather = 0"};
}

}  // namespace prompted::apigw
