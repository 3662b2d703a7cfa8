#pragma once
// The coroutine that reads the file, pass after pass.
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "base/backoff.hpp"
#include "base/owner.hpp"
#include "streamer/config.hpp"
#include "streamer/csv_source.hpp"
#include "streamer/pipe.hpp"
#include "streamer/skip_log.hpp"
#include "streamer/stop.hpp"
#include "streamer/write_back.hpp"

namespace prompted::streamer {

/// Owner: the streamer's owner thread.
class CsvPasses {
 public:
  CsvPasses(const Config& config, Pipe& pipe, const WriteBack& write_back, SkipLog& skipped, Stop& stop)
      : config_(config), pipe_(pipe), write_back_(write_back), skipped_(skipped), stop_(stop) {}

  /// Runs until STREAMER_LOOPS passes are done, a stop is requested or the publisher has ended.
  boost::asio::awaitable<void> run();

 private:
  boost::asio::awaitable<void> read_passes();
  boost::asio::awaitable<void> read_pass(std::unique_ptr<CsvSource> source);
  std::unique_ptr<CsvSource> open_source();
  std::optional<Piece> next_piece(CsvSource& source);
  void complain(const std::string& problem);

  const Config& config_;
  Pipe& pipe_;
  const WriteBack& write_back_;
  SkipLog& skipped_;
  Stop& stop_;
  FileState seen_;         // of the last pass
  std::string complaint_;  // the problem that was logged last
  base::Backoff backoff_{std::chrono::milliseconds{1000}, std::chrono::milliseconds{30000}};
  [[no_unique_address]] base::OwnerThread owner_thread_;
};

}  // namespace prompted::streamer
