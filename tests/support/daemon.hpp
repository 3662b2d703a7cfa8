#pragma once
// Runs one of the five daemons as a child process of the test.
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace prompted::test {

using Environment = std::map<std::string, std::string>;

/// False in sanitizer builds, which use more memory and run slower: limits on either do not apply there.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
inline constexpr bool plain_build = false;
#else
inline constexpr bool plain_build = true;
#endif

class Daemon {
 public:
  /// Starts build/…/bin/<service> with PORT=0, LISTEN_ADDRESS=127.0.0.1 and `environment` (only PATH and the
  /// sanitizers' options are inherited) and waits for its "listening" line. A daemon that exits before that fails the
  /// test with its output.
  Daemon(std::string service, Environment environment);
  /// Stops the daemon as stop() does. A non-zero exit code or a sanitizer report in its output fails the test.
  ~Daemon();
  Daemon(Daemon&&) noexcept;

  std::uint16_t port() const;
  std::string url() const;  ///< http://127.0.0.1:<port>
  int pid() const;
  long peak_kib() const;  ///< peak resident memory so far (VmHWM)
  /// Waits until /readyz returns 200.
  void wait_ready(std::chrono::seconds limit = std::chrono::seconds{30});

  int stop();     ///< sends SIGTERM and waits; returns the exit code
  void kill();    ///< sends SIGKILL and waits; the destructor then skips its checks
  void freeze();  ///< SIGSTOP
  void thaw();    ///< SIGCONT
  bool running() const;

  /// Lines written so far to stdout and stderr.
  std::vector<std::string> log() const;
  /// Lines that contain `text`.
  std::vector<std::string> log_with(const std::string& text) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

struct Finished {
  int exit_code = -1;
  std::string output;  ///< stdout and stderr
};
/// Runs a program until it exits (argv[0] is looked up in PATH), with `environment` added to the test's.
Finished run_program(const std::vector<std::string>& argv, const Environment& environment = {},
                     const std::string& directory = {});

/// The path of a daemon's binary; the root of the source tree.
std::string binary(const std::string& service);
std::string source_path(const std::string& relative);

}  // namespace prompted::test
