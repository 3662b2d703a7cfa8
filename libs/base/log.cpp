#include "base/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <memory>

#include "base/json.hpp"
#include "base/time.hpp"

namespace prompted::log {
namespace {

/// Written by init() before other threads exist, read by all of them afterwards.
struct Sink {
  std::string service_member = R"(,"service":"")";
  Level threshold = Level::info;
  // The sink flushes after each line: stdout is mostly a pipe, and the last lines before a crash are the wanted ones.
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

struct AppendValue {
  std::string& out;
  void operator()(std::string_view text) const { base::append_json_string(out, text); }
  void operator()(double number) const { base::append_json_number(out, number); }
  void operator()(bool flag) const { out += flag ? "true" : "false"; }
  void operator()(std::int64_t number) const { out += std::to_string(number); }
  void operator()(std::uint64_t number) const { out += std::to_string(number); }
};

}  // namespace

void init(std::string service, Level threshold) {
  std::string member = R"(,"service":)";
  base::append_json_string(member, service);
  sink().service_member = std::move(member);
  sink().threshold = threshold;
}

void flush() { sink().logger.flush(); }

void write(Level level, std::string_view msg, Fields fields) {
  Sink& to = sink();
  if (level < to.threshold) return;
  std::string line = R"({"time":")";
  base::append_rfc3339(line, base::now_utc());
  line += R"(","level":")";
  line += name_of(level);
  line += R"(","msg":)";
  base::append_json_string(line, msg);
  line += to.service_member;
  for (const Field& field : fields) {
    line += ',';
    base::append_json_string(line, field.key);
    line += ':';
    std::visit(AppendValue{line}, field.value);
  }
  line += '}';
  to.logger.log(spdlog_level(level), spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace prompted::log
