// Tests README.md's delivery guarantees. Whatever is killed, frozen, cut, restarted or promoted, in any order, every
// acknowledged message ends up in telemetry exactly once, or in dead_letters if it is poison. `make test-crash` runs
// 100 rounds, `make test` three (docs/testing.md#crash-test).
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>

#include "system/crash/scenario.hpp"

namespace prompted::test::crash {
namespace {

/// MQ_MAX_ATTEMPTS (5) limits attempts that end in a nack. A consumer's death does not prove the message bad, so
/// expiries may reach ten times that limit.
constexpr int most_attempts = 50;

void expect_exactly_once(const Verdict& verdict) {
  EXPECT_EQ(verdict.lost, 0u);
  EXPECT_EQ(verdict.never_sent, 0u);
  EXPECT_EQ(verdict.duplicated, 0u);
  EXPECT_EQ(verdict.in_both, 0u);
  EXPECT_EQ(verdict.left_in_queue, 0u);
  EXPECT_EQ(verdict.wrongly_dead, 0u);
  EXPECT_EQ(verdict.poison_in_telemetry, 0u);
  EXPECT_EQ(verdict.dead_letters, verdict.poison_sent + verdict.poison_given_up);
  EXPECT_TRUE(verdict.good());
}

void expect_that_it_tested_something(const RunSettings& settings, const Verdict& verdict, const Totals& totals) {
  EXPECT_GT(verdict.acknowledged, 0u);
  EXPECT_GT(verdict.poison_sent, 0u);
  EXPECT_GT(totals.commits_cut, 0u);
  if (!settings.all_faults()) return;  // the selected faults may cause none of these
  EXPECT_GT(totals.in_flight, 0u);
  EXPECT_GT(totals.redeliveries, 0u);
  EXPECT_GT(totals.promotions, 0u);
  if (settings.brief()) {
    EXPECT_EQ(totals.promotions, 1u);
    return;
  }
  EXPECT_GT(totals.sessions_terminated, 0u);
  EXPECT_GT(totals.rewrites, 0u);
}

TEST(Crash, NothingIsLostAndNothingComesTwice) {
  const RunSettings settings = RunSettings::from_environment();
  std::printf("seed %llu (SEED=… ROUNDS=%d FAULTS=%s repeats the same faults)\n",
              static_cast<unsigned long long>(settings.seed), settings.rounds, settings.faults.c_str());
  std::fflush(stdout);
  const auto begin = std::chrono::steady_clock::now();
  Scenario scenario(settings);
  bool going = true;
  int round = 0;
  while (going && round < settings.rounds) going = scenario.round(++round);
  // A short run may see no redelivery by chance, so it continues until it has.
  while (going && settings.all_faults() && scenario.totals().redeliveries == 0 && round < settings.rounds + 5)
    going = scenario.round(++round);
  scenario.drain();
  const Verdict verdict = judge(scenario.evidence());
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  print_table(settings, verdict, scenario.totals(), scenario.load(), seconds);

  expect_exactly_once(verdict);
  EXPECT_EQ(scenario.totals().late_rows, 0u);
  EXPECT_EQ(scenario.load().refused, 0u) << "publishes that were answered 4xx";
  EXPECT_LE(scenario.totals().most_attempts, most_attempts);
  expect_that_it_tested_something(settings, verdict, scenario.totals());
  if (HasFailure()) std::printf("the daemons' logs are in %s\n", scenario.log_directory().c_str());
  else std::filesystem::remove_all(scenario.log_directory());
}

}  // namespace
}  // namespace prompted::test::crash
