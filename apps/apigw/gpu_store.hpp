#pragma once
// GPUs and their latest values from Postgres, as JSON. Outages throw base::Error (503).
#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>

#include "apigw/gpu_query.hpp"
#include "base/clock.hpp"
#include "postgres/database.hpp"

namespace prompted::apigw {

/// A piece of a list that is ordered by GPU.
struct GpuPage {
  GpuPage() = default;  // not an aggregate: it travels through coroutines (docs/toolchain.md)

  std::string entries;  ///< JSON objects, a comma between them, and before the first when `after` was given one
  bool any = false;     ///< entries is not empty
  std::optional<std::string> next;  ///< the last GPU read; absent: no more pages
};

class GpuStore {
 public:
  explicit GpuStore(pg::Database& db) : db_(db) {}

  /// Returns GPUs after `after` (bytewise; "": from the first). `first`: nothing was written yet.
  boost::asio::awaitable<GpuPage> gpus(GpuList list, std::string after, bool first, base::TimePoint deadline);
  /// Returns the latest row of each metric of each GPU after `after`.
  boost::asio::awaitable<GpuPage> latest(LatestMetrics wanted, std::string after, bool first, base::TimePoint deadline);

  /// `{"id":…,"model_name":…,…,"metrics":[…]}`. Throws base::Error(not_found).
  boost::asio::awaitable<std::string> gpu(std::string id, base::TimePoint deadline);
  /// `{"gpu_id":…,"metrics":[…]}`. Throws base::Error(not_found).
  boost::asio::awaitable<std::string> metrics(std::string id, base::TimePoint deadline);

 private:
  pg::Database& db_;
};

}  // namespace prompted::apigw
