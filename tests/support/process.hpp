#pragma once
// Child processes that do not outlive the test: what daemon.cpp and postgres_cluster.cpp are made of.
#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace prompted::test {

/// What a child writes: an unnamed file in memory that child and test share, so nothing needs a reading thread.
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
  bool inherit_environment = false;  ///< ours first, then `environment`
  std::string directory;             ///< "" stays here
  int output = -1;                   ///< stdout and stderr
  std::string user;                  ///< "" stays this user
  int parent_death_signal = 9;       ///< sent to the child when the thread that launched it ends
};
/// fork and exec; throws std::runtime_error.
pid_t launch(const Launch& launch);

/// Exit code, or 128 + signal.
int wait_for(pid_t pid);
/// nullopt when it still runs after `limit`.
std::optional<int> wait_for(pid_t pid, std::chrono::milliseconds limit);
/// All processes whose parent is `pid`.
std::vector<pid_t> children_of(pid_t pid);
bool alive(pid_t pid);

}  // namespace prompted::test
