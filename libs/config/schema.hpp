#pragma once
// One declaration per option provides --help, the flag, the environment look-up, validation, .env.example and
// docs/configuration.md. Only one .cpp file of this library includes CLI11, and only this library calls getenv.
#include <chrono>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.hpp"

namespace prompted::config {

/// Bytes, written `16MiB`, `64KiB`, `1GiB` or a plain number.
struct Bytes {
  std::uint64_t count = 0;
};

/// The texts of one option.
struct Text {
  std::string name;          ///< "PORT": the variable; the flag is --port
  std::string help;          ///< one sentence without a full stop
  std::string default_text;  ///< parsed like a given value
};

/// A declared option. Its value lives in the application's Config struct.
struct Option {
  Text text;
  std::string type;                                           ///< "integer 1..65535", "duration", "size" or "text"
  bool secret = false;                                        ///< no flag, no default shown, never echoed or logged
  std::function<std::string(std::string_view value)> assign;  ///< returns "" or what is accepted, for the error text
};

struct Range {
  std::int64_t least = std::numeric_limits<std::int64_t>::min();
  std::int64_t most = std::numeric_limits<std::int64_t>::max();
};

/// The outcome of load().
struct LoadResult {
  bool run = false;  ///< false: exit with `exit_code`
  int exit_code = 0;
  bool healthcheck = false;  ///< --healthcheck was given: `run` is true, and the daemon only queries its own /readyz
};

/// A service's options, bound to the members of its Config struct (which must outlive the schema).
class Schema {
 public:
  Schema(std::string service, std::string summary) : service_(std::move(service)), summary_(std::move(summary)) {}

  void add(std::int64_t& target, Text text, Range range = {});
  void add(std::uint16_t& target, Text text, Range range = {0, 65535});
  /// A duration in Go's syntax, not negative: `500ms`, `1.5s`, `1m30s`, `1h`.
  void add(std::chrono::milliseconds& target, Text text,
           Range range_ms = {0, std::numeric_limits<std::int64_t>::max()});
  void add(Bytes& target, Text text);
  void add(log::Level& target, Text text);
  /// `check` returns "" or what is accepted.
  void add(std::string& target, Text text, std::function<std::string(std::string_view)> check = {});
  void add_secret(std::string& target, Text text, std::function<std::string(std::string_view)> check = {});

  /// Adds a check of several options. It returns "" or an error ("READER_PARTITION_START must not exceed
  /// READER_PARTITION_END"). Runs last.
  void require(std::function<std::string()> rule) { rules_.push_back(std::move(rule)); }

  const std::string& service() const { return service_; }
  const std::string& summary() const { return summary_; }
  const std::vector<Option>& options() const { return options_; }

  /// Loads all options: flags override the environment, which overrides defaults. An empty variable counts as unset. A
  /// bad variable is an error even if a flag overrides it. Prints --help and --version to `out`, and an error to `err`
  /// as one line (`mqwriter: MQ_FLUSH_INTERVAL: invalid value "5": expected a duration …`) with exit code 2.
  LoadResult load(int argc, const char* const* argv, std::ostream& out, std::ostream& err);

 private:
  void add_option(Option option);
  std::string service_;
  std::string summary_;
  std::vector<Option> options_;
  std::vector<std::function<std::string()>> rules_;
};

}  // namespace prompted::config
