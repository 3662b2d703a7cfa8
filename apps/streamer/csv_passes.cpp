#include "streamer/csv_passes.hpp"

#include <utility>

#include "base/error.hpp"
#include "base/log.hpp"

namespace prompted::streamer {

boost::asio::awaitable<void> CsvPasses::run() {
  owner_thread_.check();
  co_await read_passes();
  pipe_.finish();
}

boost::asio::awaitable<void> CsvPasses::read_passes() {
  std::uint64_t passes = 0;
  const auto wanted = static_cast<std::uint64_t>(config_.loops);
  while (!stop_.asked() && (wanted == 0 || passes < wanted)) {
    std::unique_ptr<CsvSource> source = open_source();
    if (!source) {
      // The header was good at the start: the file is being changed, or the disk fails.
      const auto again = base::Clock::now() + backoff_.next();
      co_await stop_.pause_until(again);
      continue;
    }
    backoff_.reset();
    co_await read_pass(std::move(source));
    ++passes;
    const std::optional<std::uint64_t> rows = co_await pipe_.settled(passes);
    if (!rows) co_return;
    if (*rows == 0 && passes != wanted) {  // a file without a good row must not keep the processor busy
      const auto again = base::Clock::now() + std::chrono::seconds{1};
      co_await stop_.pause_until(again);
    }
  }
}

// A pass whose reading fails half-way ends there.
boost::asio::awaitable<void> CsvPasses::read_pass(std::unique_ptr<CsvSource> source) {
  PassItem begin = PassBegin{source->state()};
  bool taken = co_await pipe_.send(std::move(begin));
  while (taken && !stop_.asked()) {
    std::optional<Piece> piece = next_piece(*source);
    if (!piece) break;
    if (piece->kind == Piece::Kind::bad) skipped_.bad(config_.csv_path, piece->line, piece->error);
    PassItem item = std::move(*piece);
    taken = co_await pipe_.send(std::move(item));
  }
  // After a stop the rest of the pass was not read: it has no end, and the write-back copies what is left.
  if (stop_.asked()) co_return;
  PassItem end = PassEnd{};
  co_await pipe_.send(std::move(end));
}

std::unique_ptr<CsvSource> CsvPasses::open_source() {
  try {
    auto source = std::make_unique<CsvSource>(config_.csv_path);
    const FileState& state = source->state();
    skipped_.begin_pass(state != seen_ && state != write_back_.committed());
    seen_ = state;
    complaint_.clear();
    return source;
  } catch (const base::Error& error) {
    complain(error.what());
    return nullptr;
  }
}

std::optional<Piece> CsvPasses::next_piece(CsvSource& source) {
  try {
    return source.next();
  } catch (const base::Error& error) {
    complain(error.what());
    return std::nullopt;
  }
}

void CsvPasses::complain(const std::string& problem) {
  if (complaint_ == problem) return;
  complaint_ = problem;
  log::error("cannot read the file; retrying", {{"reason", problem}});
}

}  // namespace prompted::streamer
