#pragma once
// A telemetry answer in pages: the next one is read only after the one before was written to the client.
#include <optional>
#include <string>

#include "apigw/store.hpp"
#include "http/message.hpp"

namespace prompted::apigw {

struct Stats {
  std::uint64_t rows = 0;     ///< returned
  std::uint64_t pages = 0;    ///< read from Postgres
  std::uint64_t streams = 0;  ///< answers of more than one page
};

inline constexpr std::chrono::seconds statement_timeout{30};  ///< for one page
/// Later than Postgres' own limit, which keeps the connection; this one cuts a server that is frozen.
inline constexpr std::chrono::seconds query_timeout{32};

/// Everything after the first page. Owner: the daemon's thread; store and stats outlive it (the server drains first).
class TelemetrySource final : public http::Source {
 public:
  TelemetrySource(Store& store, Stats& stats, Window window, Cursor cursor)
      : store_(store), stats_(stats), window_(std::move(window)), cursor_(std::move(cursor)) {}

  boost::asio::awaitable<std::optional<std::string>> next() override;

 private:
  Store& store_;
  Stats& stats_;
  Window window_;
  std::optional<Cursor> cursor_;
};

inline constexpr std::string_view answer_end = "]}";
std::string answer_begin(std::string_view gpu_id);  ///< `{"gpu_id":"…","entries":[`

}  // namespace prompted::apigw
