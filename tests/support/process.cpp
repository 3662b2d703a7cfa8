#include "support/process.hpp"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "support/wait.hpp"

namespace prompted::test {
namespace {

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error(what + ": " + std::strerror(errno)); }

std::string found_in_path(const std::string& program) {
  if (program.find('/') != std::string::npos) return program;
  const char* path = ::getenv("PATH");
  std::istringstream directories(path ? path : "/usr/local/bin:/usr/bin:/bin");
  for (std::string directory; std::getline(directories, directory, ':');) {
    const std::string candidate = directory + "/" + program;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  throw std::runtime_error(program + " is not in PATH: this test needs it");
}

std::vector<std::string> environment_of(const Launch& launch) {
  std::map<std::string, std::string> all;
  if (launch.inherit_environment) {
    for (char** entry = environ; *entry; ++entry) {
      const std::string text = *entry;
      const auto equals = text.find('=');
      if (equals != std::string::npos) all[text.substr(0, equals)] = text.substr(equals + 1);
    }
  }
  for (const auto& [name, value] : launch.environment) all[name] = value;
  std::vector<std::string> lines;
  for (const auto& [name, value] : all) lines.push_back(name + "=" + value);
  return lines;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (const auto& text : texts) out.push_back(const_cast<char*>(text.c_str()));
  out.push_back(nullptr);
  return out;
}

/// After fork: only async-signal-safe calls, since other threads may hold any lock.
[[noreturn]] void become(const Launch& launch, const char* program, char* const* argv, char* const* env, uid_t uid,
                         gid_t gid, pid_t parent) {
  if (launch.output >= 0 && (::dup2(launch.output, 1) < 0 || ::dup2(launch.output, 2) < 0)) ::_exit(126);
  const int null = ::open("/dev/null", O_RDONLY);
  if (null >= 0) ::dup2(null, 0);
  if (!launch.user.empty() && (::setgroups(0, nullptr) != 0 || ::setgid(gid) != 0 || ::setuid(uid) != 0)) ::_exit(126);
  if (!launch.directory.empty() && ::chdir(launch.directory.c_str()) != 0) ::_exit(126);
  // After setuid, which clears it.
  ::prctl(PR_SET_PDEATHSIG, launch.parent_death_signal);
  if (::getppid() != parent) ::_exit(126);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execve(program, argv, env);
  ::_exit(127);
}

}  // namespace

Output::Output() : fd_(::memfd_create("test-output", MFD_CLOEXEC)) {
  if (fd_ < 0) fail("memfd_create");
  ::fcntl(fd_, F_SETFL, O_APPEND);  // children that share the descriptor never overwrite each other's lines
}
Output::~Output() {
  if (fd_ >= 0) ::close(fd_);
}
Output::Output(Output&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }

std::string Output::text() const {
  std::string text;
  char piece[65536];
  for (;;) {
    const ssize_t n = ::pread(fd_, piece, sizeof piece, static_cast<off_t>(text.size()));
    if (n <= 0) return text;
    text.append(piece, static_cast<std::size_t>(n));
  }
}

pid_t launch(const Launch& launch) {
  uid_t uid = 0;
  gid_t gid = 0;
  if (!launch.user.empty()) {
    const passwd* user = ::getpwnam(launch.user.c_str());
    if (!user) throw std::runtime_error("no user " + launch.user + ": PostgreSQL does not run as root");
    uid = user->pw_uid;
    gid = user->pw_gid;
  }
  const std::string program = found_in_path(launch.argv.at(0));
  const auto env_lines = environment_of(launch);
  const auto argv = pointers(launch.argv);
  const auto env = pointers(env_lines);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) fail("fork");
  if (pid == 0) become(launch, program.c_str(), argv.data(), env.data(), uid, gid, parent);
  return pid;
}

namespace {
int code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }
}  // namespace

int wait_for(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) fail("waitpid");
  }
  return code_of(status);
}

std::optional<int> wait_for(pid_t pid, std::chrono::milliseconds limit) {
  int status = 0;
  const bool ended = eventually([&] { return ::waitpid(pid, &status, WNOHANG) == pid; }, limit);
  if (!ended) return std::nullopt;
  return code_of(status);
}

std::vector<pid_t> children_of(pid_t pid) {
  std::vector<pid_t> children;
  std::error_code ignored;  // processes start and exit during the scan
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream stat(entry.path() / "stat");
    std::string text;
    std::getline(stat, text);
    const auto after_name = text.rfind(')');
    if (after_name == std::string::npos) continue;
    std::istringstream rest(text.substr(after_name + 1));
    std::string state;
    pid_t parent = 0;
    rest >> state >> parent;
    if (parent == pid && state != "Z") children.push_back(std::stoi(name));
  }
  return children;
}

bool alive(pid_t pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  if (!std::getline(stat, text)) return false;
  const auto after_name = text.rfind(')');
  return after_name != std::string::npos && text.compare(after_name + 2, 1, "Z") != 0;
}

}  // namespace prompted::test
