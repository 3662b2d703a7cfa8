#include "support/daemon.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <stdexcept>

#include "support/http.hpp"
#include "support/process.hpp"
#include "support/wait.hpp"

namespace prompted::test {
namespace {

constexpr std::chrono::seconds start_limit{60};  // under TSan on a busy machine
constexpr std::chrono::seconds stop_limit{40};   // SHUTDOWN_GRACE is 10 s

const std::map<std::string, std::string>& sanitizer_defaults() {
  static const std::map<std::string, std::string> defaults{
      {"TSAN_OPTIONS", "exitcode=66:suppressions=" + source_path("tests/support/tsan.supp")},
      {"ASAN_OPTIONS", "detect_leaks=1:exitcode=67"},
      {"LSAN_OPTIONS", "print_suppressions=0:suppressions=" + source_path("tests/support/lsan.supp")},
      {"UBSAN_OPTIONS", "print_stacktrace=1"},
  };
  return defaults;
}

Environment daemon_environment(const Environment& given) {
  Environment all{{"PORT", "0"}, {"LISTEN_ADDRESS", "127.0.0.1"}};
  if (const char* path = std::getenv("PATH")) all["PATH"] = path;
  for (const auto& [name, value] : sanitizer_defaults()) {
    const char* ours = std::getenv(name.c_str());
    all[name] = ours ? ours : value;
  }
  for (const auto& [name, value] : given) all[name] = value;
  return all;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::string tail(const std::string& text, std::size_t most = 6000) {
  return text.size() <= most ? text : "…" + text.substr(text.size() - most);
}

bool has_sanitizer_report(const std::string& text) {
  for (const char* mark : {"ThreadSanitizer", "AddressSanitizer", "LeakSanitizer", "runtime error:"}) {
    if (text.find(mark) != std::string::npos) return true;
  }
  return false;
}

std::optional<std::uint16_t> announced_port(const std::string& text) {
  for (const auto& line : lines_of(text)) {
    if (line.find("\"listening\"") == std::string::npos) continue;
    const auto json = nlohmann::json::parse(line, nullptr, false);
    if (json.is_object() && json.value("msg", "") == "listening" && json.contains("port"))
      return json["port"].get<std::uint16_t>();
  }
  return std::nullopt;
}

}  // namespace

struct Daemon::Impl {
  std::string service;
  Output output;
  pid_t pid = -1;
  std::uint16_t port = 0;
  bool reaped = false;
  bool judged = false;  ///< the test itself asked for the exit code, or killed it
  int exit_code = -1;

  void reap(int code) {
    reaped = true;
    exit_code = code;
  }
  bool check_running() {
    if (reaped) return false;
    const auto code = wait_for(pid, std::chrono::milliseconds{0});
    if (code) reap(*code);
    return !reaped;
  }
  int terminate() {
    if (!check_running()) return exit_code;
    ::kill(pid, SIGCONT);
    ::kill(pid, SIGTERM);
    if (const auto code = wait_for(pid, stop_limit)) {
      reap(*code);
    } else {
      ADD_FAILURE() << service << " did not end within " << stop_limit.count() << " s of SIGTERM\n"
                    << tail(output.text());
      ::kill(pid, SIGKILL);
      reap(wait_for(pid));
    }
    return exit_code;
  }
};

Daemon::Daemon(std::string service, Environment environment) : impl_(std::make_unique<Impl>()) {
  impl_->service = std::move(service);
  Launch start;
  start.argv = {binary(impl_->service)};
  start.environment = daemon_environment(environment);
  start.output = impl_->output.descriptor();
  impl_->pid = launch(start);
  std::optional<std::uint16_t> announced;
  eventually(
      [&] {
        const bool runs = impl_->check_running();  // checked before reading, so that a dead daemon's output is complete
        announced = announced_port(impl_->output.text());
        return announced || !runs;
      },
      start_limit);
  if (announced) {
    impl_->port = *announced;
    return;
  }
  const std::string fate =
      impl_->reaped ? "ended with code " + std::to_string(impl_->exit_code) : "never announced its port";
  if (!impl_->reaped) kill();
  throw std::runtime_error(impl_->service + " " + fate + ":\n" + tail(impl_->output.text()));
}

Daemon::Daemon(Daemon&&) noexcept = default;

Daemon::~Daemon() {
  if (!impl_) return;
  const int code = impl_->terminate();
  const std::string text = impl_->output.text();
  if (!impl_->judged && code != 0) ADD_FAILURE() << impl_->service << " ended with code " << code << "\n" << tail(text);
  if (has_sanitizer_report(text)) ADD_FAILURE() << impl_->service << ": a sanitizer's report\n" << tail(text, 20000);
}

std::uint16_t Daemon::port() const { return impl_->port; }
std::string Daemon::url() const { return "http://127.0.0.1:" + std::to_string(impl_->port); }
int Daemon::pid() const { return impl_->pid; }

long Daemon::peak_kib() const {
  const std::string name = "VmHWM:";
  std::ifstream status("/proc/" + std::to_string(impl_->pid) + "/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(name)) return std::stol(line.substr(name.size()));
  throw std::runtime_error("no VmHWM of process " + std::to_string(impl_->pid));
}

void Daemon::wait_ready(std::chrono::seconds limit) {
  std::string last = "no answer";
  const bool ready = eventually(
      [&] {
        if (!impl_->check_running()) return true;
        try {
          const Reply response = get(url() + "/readyz");
          last = response.body;
          return response.status == 200;
        } catch (const std::runtime_error& error) {
          last = error.what();
          return false;
        }
      },
      limit);
  if (!ready || impl_->reaped) {
    throw std::runtime_error(impl_->service + (impl_->reaped ? " ended" : " did not become ready: " + last) + "\n" +
                             tail(impl_->output.text()));
  }
}

int Daemon::stop() {
  impl_->judged = true;
  return impl_->terminate();
}

void Daemon::kill() {
  if (impl_->check_running()) {  // the destructor judges a daemon that has exited by itself
    impl_->judged = true;
    ::kill(impl_->pid, SIGKILL);
    impl_->reap(wait_for(impl_->pid));
  }
}

void Daemon::freeze() {
  if (impl_->check_running()) ::kill(impl_->pid, SIGSTOP);
}
void Daemon::thaw() {
  if (impl_->check_running()) ::kill(impl_->pid, SIGCONT);
}
bool Daemon::running() const { return impl_->check_running(); }

std::vector<std::string> Daemon::log() const { return lines_of(impl_->output.text()); }

std::vector<std::string> Daemon::log_with(const std::string& text) const {
  std::vector<std::string> found;
  for (auto& line : log()) {
    if (line.find(text) != std::string::npos) found.push_back(std::move(line));
  }
  return found;
}

Finished run_program(const std::vector<std::string>& argv, const Environment& environment,
                     const std::string& directory) {
  Output output;
  Launch start;
  start.argv = argv;
  start.environment = environment;
  start.inherit_environment = true;
  start.directory = directory;
  start.output = output.descriptor();
  for (const auto& [name, value] : sanitizer_defaults()) {
    if (!std::getenv(name.c_str())) start.environment.emplace(name, value);
  }
  const int code = wait_for(launch(start));
  return {code, output.text()};
}

std::string binary(const std::string& service) { return std::string(PROMPTED_BIN) + "/" + service; }
std::string source_path(const std::string& relative) { return std::string(PROMPTED_SOURCE) + "/" + relative; }

}  // namespace prompted::test
