#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "support/http.hpp"
#include "system/crash/fleet.hpp"

namespace prompted::test::crash {
namespace {

/// Sums samples of a Prometheus text by metric name over all label sets, and by name with labels as written.
std::map<std::string, double> parse_metrics(const std::string& text) {
  std::map<std::string, double> sums;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const auto blank = line.rfind(' ');
    if (line.starts_with('#') || blank == std::string::npos) continue;
    const std::string series = line.substr(0, blank);
    const double value = std::strtod(line.c_str() + blank, nullptr);
    sums[series] += value;
    if (const auto labels = series.find('{'); labels != std::string::npos) sums[series.substr(0, labels)] += value;
  }
  return sums;
}

double of(const std::map<std::string, double>& sums, const std::string& name) {
  const auto found = sums.find(name);
  return found == sums.end() ? 0 : found->second;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  return text;
}

std::size_t occurrences(const std::string& text, const std::string& wanted) {
  std::size_t n = 0;
  for (auto at = text.find(wanted); at != std::string::npos; at = text.find(wanted, at + 1)) ++n;
  return n;
}

}  // namespace

Member::Member(std::string service, int index, GateHouse& house, std::string log_directory)
    : service_(std::move(service)), index_(index), log_directory_(std::move(log_directory)) {
  for (std::size_t gates = index % 2 == 0 ? 1 : Servers::slots; postgres_.size() < gates;)
    postgres_.push_back(std::make_unique<Gate>(house, Traffic::postgres));
}

std::string Member::database_url(const std::string& database) const {
  std::string hosts;
  for (const auto& gate : postgres_)
    hosts += (hosts.empty() ? "" : ",") + ("127.0.0.1:" + std::to_string(gate->port()));
  return "postgres://prompted:prompted@" + hosts + "/" + database + "?sslmode=disable&gssencmode=disable" +
         (postgres_.size() > 1 ? "&target_session_attrs=read-write" : "");
}

void Member::follow(const Servers& servers) {
  primary_slot_ = servers.primary_slot();
  if (postgres_.size() == 1) return postgres_[0]->point_to(*servers.port(primary_slot_));
  for (std::size_t slot = 0; slot < postgres_.size(); ++slot) {
    if (const auto port = servers.port(slot)) postgres_[slot]->point_to(*port);
    else postgres_[slot]->refuse();
  }
}

void Member::stall_postgres(bool on) {
  for (const auto& gate : postgres_) gate->stall(on);
}

void Member::hold_postgres(bool on) {
  for (const auto& gate : postgres_) gate->hold(on);
}

void Member::delay_postgres(std::chrono::milliseconds pause) {
  for (const auto& gate : postgres_) gate->delay(pause);
}

std::size_t Member::waiting_for_postgres() const {
  std::size_t sum = 0;
  for (const auto& gate : postgres_) sum += gate->waiting();
  return sum;
}

Gate& Member::add_front(GateHouse& house) {
  return *fronts_.emplace_back(std::make_unique<Gate>(house, Traffic::http));
}

void Member::start() {
  if (daemon_) return;
  ++lives_;
  daemon_.emplace(service_, environment);
  for (auto& gate : fronts_) gate->point_to(daemon_->port());
}

void Member::before_end() {
  scrape();
  for (const auto& [name, value] : metrics_) ended_metrics_[name] += value;
  metrics_.clear();
}

void Member::kill() {
  if (!daemon_) return;
  before_end();
  daemon_->kill();
  end();
}

void Member::terminate() {
  if (!daemon_) return;
  before_end();
  const int code = daemon_->stop();
  EXPECT_EQ(code, 0) << name() << " after SIGTERM; its log is in " << log_directory_;
  end();
}

void Member::end() {
  for (auto& gate : fronts_) gate->close();
  const std::string log = joined(daemon_->log());
  ended_logs_ += log;
  std::ofstream(log_directory_ + "/" + service_ + "-" + std::to_string(index_ + 1) + "-" + std::to_string(lives_) +
                ".log")
      << log;
  daemon_.reset();
}

bool Member::ready() const {
  try {
    return daemon_ && get(daemon_->url() + "/readyz").status == 200;
  } catch (const std::runtime_error&) {
    return false;
  }
}

std::size_t Member::waiting() const {
  std::size_t sum = waiting_for_postgres();
  for (const auto& gate : fronts_) sum += gate->waiting();
  return sum;
}

void Member::scrape() {
  if (!alive()) return;
  try {
    Call call;
    call.timeout = std::chrono::seconds(5);
    metrics_ = parse_metrics(http(daemon_->url() + "/metrics", call).body);
  } catch (const std::runtime_error&) {
    // Too busy to respond: the last values stand.
  }
}

double Member::counted(const std::string& metric) const { return of(ended_metrics_, metric) + of(metrics_, metric); }

std::size_t Member::logged(const std::string& text) const {
  return occurrences(ended_logs_, text) + (daemon_ ? daemon_->log_with(text).size() : 0);
}

}  // namespace prompted::test::crash
