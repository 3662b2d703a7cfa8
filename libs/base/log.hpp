#pragma once
// JSON lines on stdout: {"time":"…","level":"INFO","msg":"…","service":"…", …fields}. spdlog writes them.
//
// Above debug, each thread writes the same text (`msg`) at most 20 times in 10 seconds. Suppressed lines are counted:
// the next line with that text has `"suppressed":n`, and suppressed() returns the total.
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

namespace prompted::log {

enum class Level { debug, info, warn, error };

/// One member of the log object. A string value is escaped; a number or boolean is written bare.
struct Field {
  using Value = std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool>;

  Field(std::string_view k, std::string_view v) : key(k), value(v) {}
  Field(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
  Field(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}
  Field(std::string_view k, bool v) : key(k), value(v) {}
  Field(std::string_view k, double v) : key(k), value(v) {}
  template <class T>
  requires(std::is_integral_v<T> && !std::is_same_v<T, bool>) Field(std::string_view k, T v) : key(k) {
    if constexpr (std::is_signed_v<T>) value = static_cast<std::int64_t>(v);
    else value = static_cast<std::uint64_t>(v);
  }

  std::string_view key;
  Value value;
};

using Fields = std::initializer_list<Field>;

/// Call once at the start of main, before other threads exist. Earlier lines have service "".
void init(std::string service, Level threshold);
/// Flushes buffered lines. Call it last before exit.
void flush();

/// Whether lines of this level are written. Check before building expensive fields.
bool enabled(Level level);
/// Lines suppressed by all threads since the start because their text repeated too often.
std::uint64_t suppressed();

/// Callable from any thread.
void write(Level level, std::string_view msg, std::span<const Field> fields);
inline void write(Level level, std::string_view msg, Fields fields) {
  write(level, msg, std::span<const Field>(fields.begin(), fields.size()));
}
inline void debug(std::string_view msg, Fields fields = {}) { write(Level::debug, msg, fields); }
inline void info(std::string_view msg, Fields fields = {}) { write(Level::info, msg, fields); }
inline void warn(std::string_view msg, Fields fields = {}) { write(Level::warn, msg, fields); }
inline void error(std::string_view msg, Fields fields = {}) { write(Level::error, msg, fields); }

}  // namespace prompted::log
