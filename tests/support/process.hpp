#pragma once
// Child processes that do not outlive the test. Used by daemon.cpp and postgres_cluster.cpp.
#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace prompted::test {

/// A child's output: an unnamed in-memory file shared with the test, so no thread has to read a pipe.
class Output {
 public:
  Output();
  ~Output();
  Output(Output&& other) noexcept;
  Output(const Output&) = delete;
  int descriptor() const { return fd_; }
  std::string text() const;

 private:
  int fd_ = -1;
};

struct Launch {
  std::vector<std::string> argv;  ///< argv[0] without a slash is looked up in PATH
  std::map<std::string, std::string> environment;
  bool inherit_environment = false;  ///< the test's variables first, then `environment`
  std::string directory;             ///< "" stays here
  int output = -1;                   ///< stdout and stderr
  std::string user;                  ///< "" stays this user
  int parent_death_signal = 9;       ///< sent to the child when the thread that launched it ends
};
/// Forks and execs; throws std::runtime_error.
pid_t launch(const Launch& launch);

/// Exit code, or 128 + signal.
int wait_for(pid_t pid);
/// Returns nullopt when the process is still running after `limit`.
std::optional<int> wait_for(pid_t pid, std::chrono::milliseconds limit);
/// All processes whose parent is `pid`.
std::vector<pid_t> children_of(pid_t pid);
bool alive(pid_t pid);

}  // namespace prompted::test
