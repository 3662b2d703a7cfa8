#include "base/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "base/clock.hpp"
#include "base/json.hpp"
#include "base/time.hpp"

namespace prompted::log {
namespace {

using base::Clock;

/// Written by init() before other threads exist, read by all of them afterwards.
struct Sink {
  std::string service = R"("")";  ///< as JSON
  Level threshold = Level::info;
  // Flushes after each line: stdout is usually a pipe, and the last lines before a crash matter most.
  spdlog::logger logger{"", std::make_shared<spdlog::sinks::stdout_sink_mt>()};

  Sink() {
    logger.set_pattern("%v", spdlog::pattern_time_type::utc);
    logger.set_level(spdlog::level::trace);
  }
};

/// Never destroyed: destructors of other static objects may still log.
Sink& sink() {
  static Sink& instance = *new Sink;
  return instance;
}

const char* name_of(Level level) {
  switch (level) {
    case Level::debug:
      return "DEBUG";
    case Level::info:
      return "INFO";
    case Level::warn:
      return "WARN";
    case Level::error:
      break;
  }
  return "ERROR";
}

spdlog::level::level_enum spdlog_level(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warn:
      return spdlog::level::warn;
    case Level::error:
      break;
  }
  return spdlog::level::err;
}

/// What this thread wrote recently, by text. A plain array: destructors of static objects may still log.
struct Recent {
  std::size_t text = 0;  ///< its hash; 0: unused
  Clock::time_point began;
  std::uint32_t lines = 0;
  std::uint64_t suppressed = 0;
};
constexpr std::uint32_t most_lines = 20;
constexpr std::chrono::seconds stretch{10};
thread_local std::array<Recent, 64> recent;
std::atomic<std::uint64_t> suppressed_lines{0};

/// The entry of a text. A new text replaces the entry with the oldest stretch.
Recent& recent_of(std::string_view msg) {
  const std::size_t text = std::hash<std::string_view>{}(msg) | 1;
  const auto known = std::find_if(recent.begin(), recent.end(), [text](const Recent& r) { return r.text == text; });
  if (known != recent.end()) return *known;
  Recent& oldest = *std::min_element(recent.begin(), recent.end(),
                                     [](const Recent& a, const Recent& b) { return a.began < b.began; });
  oldest = Recent{text, {}, 0, 0};
  return oldest;
}

/// Decides on a line: nullopt suppresses it, else the number of lines of its text suppressed before it.
std::optional<std::uint64_t> admit(Level level, std::string_view msg) {
  if (level == Level::debug) return 0;
  Recent& known = recent_of(msg);
  const auto now = Clock::now();
  if (now - known.began >= stretch) {
    known.began = now;
    known.lines = 0;
  }
  if (++known.lines <= most_lines) return std::exchange(known.suppressed, 0);
  ++known.suppressed;
  suppressed_lines.fetch_add(1, std::memory_order_relaxed);
  return std::nullopt;
}

struct AppendValue {
  std::string& out;
  void operator()(std::string_view text) const { base::append_json_string(out, text); }
  void operator()(double number) const { base::append_json_number(out, number); }
  void operator()(bool flag) const { out += flag ? "true" : "false"; }
  void operator()(std::int64_t number) const { base::append_json_number(out, number); }
  void operator()(std::uint64_t number) const { base::append_json_number(out, number); }
};

}  // namespace

void init(std::string service, Level threshold) {
  std::string json;
  base::append_json_string(json, service);
  sink().service = std::move(json);
  sink().threshold = threshold;
}

void flush() { sink().logger.flush(); }

bool enabled(Level level) { return level >= sink().threshold; }

std::uint64_t suppressed() { return suppressed_lines.load(std::memory_order_relaxed); }

void write(Level level, std::string_view msg, std::span<const Field> fields) {
  Sink& to = sink();
  if (level < to.threshold) return;
  const auto left_out = admit(level, msg);
  if (!left_out) return;
  std::string line;
  base::JsonObject object(line);
  object.time("time", base::now_utc());
  object.text("level", name_of(level));
  object.text("msg", msg);
  object.raw("service", to.service);
  for (const Field& field : fields) std::visit(AppendValue{object.member(field.key)}, field.value);
  if (*left_out > 0) object.number("suppressed", *left_out);
  object.end();
  to.logger.log(spdlog_level(level), spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace prompted::log
