#pragma once
// One of the five daemons as a process of this test.
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace prompted::test {

using Environment = std::map<std::string, std::string>;

/// A sanitizer's own memory is no measure of ours, and it is slow.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
inline constexpr bool plain_build = false;
#else
inline constexpr bool plain_build = true;
#endif

class Daemon {
 public:
  /// Starts build/…/bin/<service> with PORT=0, LISTEN_ADDRESS=127.0.0.1 and `environment` (nothing inherited but PATH
  /// and the sanitizers' options), waits for its "listening" line. A daemon that ends before it fails the test with its
  /// output.
  Daemon(std::string service, Environment environment);
  /// Ends it as stop() does; an exit code other than 0 or a sanitizer's report in its output fails the test.
  ~Daemon();
  Daemon(Daemon&&) noexcept;

  std::uint16_t port() const;
  std::string url() const;  ///< http://127.0.0.1:<port>
  int pid() const;
  long peak_kib() const;  ///< the most memory that was resident so far (VmHWM)
  /// Waits until /readyz is 200.
  void wait_ready(std::chrono::seconds limit = std::chrono::seconds{30});

  int stop();     ///< SIGTERM, waits; the exit code
  void kill();    ///< SIGKILL, waits; the destructor expects nothing then
  void freeze();  ///< SIGSTOP
  void thaw();    ///< SIGCONT
  bool running() const;

  /// Everything it wrote so far (stdout and stderr), a line each.
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
/// Runs a program to its end (argv[0] looked up in PATH), with `environment` added to ours.
Finished run_program(const std::vector<std::string>& argv, const Environment& environment = {},
                     const std::string& directory = {});

/// The path of a daemon's binary; the root of the source tree.
std::string binary(const std::string& service);
std::string source_path(const std::string& relative);

}  // namespace prompted::test
