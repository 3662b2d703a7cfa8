#pragma once
// Responses in pages: the next page is read only after the previous one was written to the client.
#include <optional>
#include <string>
#include <variant>

#include "apigw/gpu_store.hpp"
#include "apigw/telemetry_store.hpp"
#include "base/owner.hpp"
#include "http/message.hpp"

namespace prompted::apigw {

struct ReadCounts {
  std::uint64_t rows = 0;          ///< entries returned
  std::uint64_t pages = 0;         ///< read from Postgres
  std::uint64_t streams = 0;       ///< responses of more than one page
  std::uint64_t not_modified = 0;  ///< 304s

  void count(const Page& page) {
    ++pages;
    rows += page.rows;
  }
};

inline constexpr std::chrono::seconds statement_timeout{30};  ///< for one page
/// Later than Postgres' own limit, which keeps the connection; this one cuts a server that is frozen.
inline constexpr std::chrono::seconds query_timeout{32};
inline base::TimePoint query_deadline() { return base::Clock::now() + query_timeout; }

/// Without a limit, rows and bytes of one page: a piece of the stream. As JSON it stays below
/// http::Limits::stream_share.
inline constexpr long stream_rows = 1000;
inline constexpr long stream_bytes = 256 * 1024;
/// With a limit: such a page is held whole until its client has read it.
inline constexpr long limited_bytes = 512 * 1024;

/// An RFC 8288 link, `</api/v1/…?…&cursor=…>; rel="next"`: the same request with this cursor.
std::string next_link(const http::Request& request, const std::string& cursor);

/// Everything after the first page, whose `next` is in the selection. Owner: the daemon's thread; store and stats
/// outlive it (the server drains first).
class TelemetrySource final : public http::Source {
 public:
  TelemetrySource(TelemetryStore& store, ReadCounts& stats, Selection selection)
      : store_(store), stats_(stats), selection_(std::move(selection)) {}

  boost::asio::awaitable<std::optional<std::string>> next() override;

 private:
  TelemetryStore& store_;
  ReadCounts& stats_;
  Selection selection_;
  bool done_ = false;
  [[no_unique_address]] base::OwnerThread owner_thread_;
};

/// A list of GPUs, or of their latest values.
class GpuSource final : public http::Source {
 public:
  using Query = std::variant<GpuList, LatestMetrics>;
  GpuSource(GpuStore& store, Query query, GpuPage first)
      : store_(store), query_(std::move(query)), after_(std::move(first.next)), first_(!first.any) {}

  boost::asio::awaitable<std::optional<std::string>> next() override;
  /// The page behind `after`, of either list.
  static boost::asio::awaitable<GpuPage> read(GpuStore& store, const Query& query, std::string after, bool first);

 private:
  GpuStore& store_;
  Query query_;
  std::optional<std::string> after_;
  bool first_;
  [[no_unique_address]] base::OwnerThread owner_thread_;
};

}  // namespace prompted::apigw
