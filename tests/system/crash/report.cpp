// Prints a run's settings at its start and its results at its end.
#include <cstdio>
#include <cstdlib>
#include <random>
#include <stdexcept>

#include "system/crash/scenario.hpp"

namespace prompted::test::crash {
namespace {

std::string variable(const char* name, const std::string& otherwise) {
  const char* value = std::getenv(name);
  return value && *value ? value : otherwise;
}

std::uint64_t number(const char* name, std::uint64_t otherwise) {
  const std::string text = variable(name, std::to_string(otherwise));
  std::size_t read = 0;
  const std::uint64_t value = std::stoull(text, &read);
  if (read != text.size()) throw std::runtime_error(std::string(name) + " must be a number");
  return value;
}

void line(const char* what, unsigned long long value) { std::printf("| %-44s | %10llu |\n", what, value); }

}  // namespace

RunSettings RunSettings::from_environment() {
  RunSettings settings;
  settings.rounds = static_cast<int>(number("ROUNDS", 3));
  settings.seed = number("SEED", std::random_device{}());
  settings.rate = static_cast<int>(number("RATE", 2500));
  const std::string readers = variable("READERS", "shared");
  if (readers != "disjoint" && readers != "shared") throw std::runtime_error("READERS must be disjoint or shared");
  settings.shared_ownership = readers == "shared";
  const std::string replication = variable("REPLICATION", "async");
  if (replication != "async" && replication != "sync") throw std::runtime_error("REPLICATION must be async or sync");
  settings.replication = replication == "sync" ? Replication::sync : Replication::async;
  settings.faults = variable("FAULTS", "all");
  kinds_of(settings.faults);  // throws on an unknown name
  return settings;
}

void print_table(const RunSettings& settings, const Verdict& verdict, const Totals& totals, const LoadCounts& load,
                 double seconds) {
  std::printf("\n%d rounds in %.0f s, seed %llu, readers with %s ranges, %s replication, faults: %s\n\n",
              settings.rounds, seconds, static_cast<unsigned long long>(settings.seed),
              settings.shared_ownership ? "shared" : "disjoint",
              settings.replication == Replication::sync ? "synchronous" : "asynchronous", settings.faults.c_str());
  std::printf("| %-44s | %10s |\n|%s|%s|\n", "", "count", std::string(46, '-').c_str(),
              (std::string(11, '-') + ":").c_str());
  line("acknowledged publishes", load.publishes_acknowledged);
  line("messages in them", verdict.acknowledged);
  line("publishes repeated with the same key", load.retries);
  line("messages that a repeat found in the queue", load.duplicates_seen);
  line("commits cut from their reply", totals.commits_cut);
  for (std::size_t i = 1; i < commit_names.size(); ++i)
    line((std::string("  of these: ") + commit_names[i]).c_str(), totals.cut.commits_cut[i]);
  line("HTTP requests cut from their reply", totals.cut.responses_cut);
  line("requests in flight at the faults", totals.in_flight);
  line("promotions of the standby", totals.promotions);
  line("sessions terminated", totals.sessions_terminated);
  line("REINDEX and VACUUM FULL under load", totals.rewrites);
  line("sequences behind their tables", totals.sequences_behind);
  line("rows with xids of another cluster", totals.foreign_rows);
  line("redeliveries", totals.redeliveries);
  line("redeliveries absorbed by telemetry's UNIQUE", totals.absorbed);
  line("lost", verdict.lost);
  line("lost with the old primary", verdict.lost_with_old_primary);
  line("never sent", verdict.never_sent);
  line("duplicated in telemetry", verdict.duplicated);
  line("in telemetry and in dead letters", verdict.in_both);
  line("left in the queue", verdict.left_in_queue);
  line("poison sent (acknowledged)", verdict.poison_sent);
  line("poison of given-up publishes that arrived", verdict.poison_given_up);
  line("dead letters", verdict.dead_letters);
  line("  of these good messages", verdict.wrongly_dead);
  line("most attempts of a message", static_cast<unsigned long long>(totals.most_attempts));
  line("rows that a sweep found missed", totals.late_rows);
  for (const auto& example : verdict.examples) std::printf("%s\n", example.c_str());
  std::fflush(stdout);
}

}  // namespace prompted::test::crash
