// The checker finds every planted fault. A checker that cannot fail proves nothing.
#include "system/crash/checker.hpp"

#include <gtest/gtest.h>

namespace prompted::test::crash {
namespace {

std::string uuid(std::uint64_t n) { return "uuid-" + std::to_string(n); }

std::chrono::steady_clock::time_point at(std::uint64_t second) {
  return std::chrono::steady_clock::time_point(std::chrono::seconds(second));
}

Found row(std::uint64_t n) {
  Found found;
  found.uuid = uuid(n);
  found.sequence = n;
  found.attempts = 1;
  return found;
}

/// 1 to 9 are good and 10 is poison. The client stopped retrying 11, which arrived, and 12, which did not.
Evidence clean() {
  Evidence evidence;
  for (std::uint64_t n = 1; n <= 12; ++n) {
    Sent sent;
    sent.uuid = uuid(n);
    sent.sequence = n;
    sent.poison = n == 10;
    sent.acknowledged = n < 11;
    if (sent.acknowledged) sent.sent_at = sent.responded_at = at(n);
    evidence.sent.push_back(std::move(sent));
  }
  for (std::uint64_t n = 1; n <= 11; ++n) {
    if (n != 10) evidence.telemetry.push_back(row(n));
  }
  evidence.dead_letters.push_back(row(10));
  return evidence;
}

TEST(CrashChecker, FindsNothingWrongWithACleanRun) {
  const Verdict verdict = judge(clean());
  EXPECT_TRUE(verdict.good());
  EXPECT_EQ(verdict.acknowledged, 10u);
  EXPECT_EQ(verdict.poison_sent, 1u);
  EXPECT_EQ(verdict.dead_letters, 1u);
  EXPECT_EQ(verdict.most_attempts, 1);
  EXPECT_TRUE(verdict.examples.empty());
}

TEST(CrashChecker, FindsAPlantedLoss) {
  Evidence evidence = clean();
  evidence.telemetry.erase(evidence.telemetry.begin() + 4);
  const Verdict verdict = judge(evidence);
  EXPECT_FALSE(verdict.good());
  EXPECT_EQ(verdict.lost, 1u);
  ASSERT_EQ(verdict.examples.size(), 1u);
  EXPECT_EQ(verdict.examples[0], "lost: uuid-5 sequence 5");
}

TEST(CrashChecker, FindsAPlantedDuplicateUnderAnotherUuid) {
  Evidence evidence = clean();
  evidence.telemetry.push_back(row(3));
  evidence.telemetry.back().uuid = "uuid-of-a-second-publish";
  const Verdict verdict = judge(evidence);
  EXPECT_FALSE(verdict.good());
  EXPECT_EQ(verdict.duplicated, 1u);
  EXPECT_EQ(verdict.never_sent, 0u);
}

TEST(CrashChecker, FindsAPlantedDuplicateUnderTheSameUuid) {
  Evidence evidence = clean();
  evidence.telemetry.push_back(row(3));
  EXPECT_EQ(judge(evidence).duplicated, 1u);
}

TEST(CrashChecker, FindsADuplicateOfWhatItsClientGaveUp) {
  Evidence evidence = clean();
  evidence.telemetry.push_back(row(11));
  EXPECT_EQ(judge(evidence).duplicated, 1u);
}

TEST(CrashChecker, FindsAPlantedStranger) {
  for (const Found& stranger : {row(99), row(0)}) {
    Evidence evidence = clean();
    evidence.telemetry.push_back(stranger);
    const Verdict verdict = judge(evidence);
    EXPECT_FALSE(verdict.good());
    EXPECT_EQ(verdict.never_sent, 1u);
  }
}

TEST(CrashChecker, FindsAChangedContentAndAnExchangedUuid) {
  Evidence changed = clean();
  changed.telemetry[2].intact = false;
  EXPECT_EQ(judge(changed).never_sent, 1u);
  EXPECT_EQ(judge(changed).lost, 1u);
  Evidence exchanged = clean();
  exchanged.telemetry[2].uuid = "another";
  EXPECT_EQ(judge(exchanged).never_sent, 1u);
}

TEST(CrashChecker, FindsAWrongDeadLetter) {
  Evidence evidence = clean();
  evidence.telemetry.erase(evidence.telemetry.begin());
  evidence.dead_letters.push_back(row(1));
  const Verdict verdict = judge(evidence);
  EXPECT_FALSE(verdict.good());
  EXPECT_EQ(verdict.wrongly_dead, 1u);
  EXPECT_EQ(verdict.lost, 0u);
}

TEST(CrashChecker, FindsAMissingDeadLetterAndPoisonInTelemetry) {
  Evidence missing = clean();
  missing.dead_letters.clear();
  EXPECT_EQ(judge(missing).lost, 1u);
  Evidence taken = clean();
  taken.dead_letters.clear();
  taken.telemetry.push_back(row(10));
  EXPECT_EQ(judge(taken).poison_in_telemetry, 1u);
  EXPECT_FALSE(judge(taken).good());
}

TEST(CrashChecker, FindsAMessageInBothPlacesAndALeftOne) {
  Evidence both = clean();
  both.telemetry.push_back(row(10));
  EXPECT_EQ(judge(both).in_both, 1u);
  Evidence left = clean();
  left.left_in_queue = 1;
  EXPECT_FALSE(judge(left).good());
}

/// The primary was lost after 5 had been sent. Its standby had 1 to 4 and 11, whose client stopped retrying, but not 5.
/// All of them still arrived.
Evidence promoted() {
  Evidence evidence = clean();
  evidence.promotions.push_back({.complete = at(4), .silence = at(5)});
  for (const std::uint64_t n : {1, 2, 3, 4, 11}) evidence.survived.insert(uuid(n));
  return evidence;
}

void lose(Evidence& evidence, std::uint64_t n) {
  for (auto* rows : {&evidence.telemetry, &evidence.dead_letters})
    std::erase_if(*rows, [n](const Found& found) { return found.sequence == n; });
}

TEST(CrashChecker, FindsNothingWrongWithACleanPromotion) {
  for (const bool synchronous : {false, true}) {
    Evidence evidence = promoted();
    evidence.synchronous = synchronous;
    const Verdict verdict = judge(evidence);
    EXPECT_TRUE(verdict.good());
    EXPECT_EQ(verdict.lost_with_old_primary, 0u);
    EXPECT_EQ(verdict.acknowledged, 10u);
  }
}

TEST(CrashChecker, FindsALossOfWhatThePromotionFound) {
  Evidence evidence = promoted();
  lose(evidence, 3);
  const Verdict verdict = judge(evidence);
  EXPECT_FALSE(verdict.good());
  EXPECT_EQ(verdict.lost, 1u);
  EXPECT_EQ(verdict.lost_with_old_primary, 0u);
  ASSERT_EQ(verdict.examples.size(), 1u);
  EXPECT_EQ(verdict.examples[0], "lost, and a promotion had found it: uuid-3 sequence 3");
}

TEST(CrashChecker, FindsALossOfWhatThePromotionFoundAndNobodyAcknowledged) {
  Evidence evidence = promoted();
  lose(evidence, 11);
  EXPECT_EQ(judge(evidence).lost, 1u);
  lose(evidence, 12);  // its client stopped retrying and it was nowhere: either outcome is valid
  EXPECT_EQ(judge(evidence).lost, 1u);
}

TEST(CrashChecker, FindsALossAfterThePromotion) {
  Evidence evidence = promoted();
  lose(evidence, 6);
  lose(evidence, 10);  // the poison
  const Verdict verdict = judge(evidence);
  EXPECT_EQ(verdict.lost, 2u);
  EXPECT_EQ(verdict.poison_sent, 1u);
}

TEST(CrashChecker, ToleratesALossWithTheOldPrimaryOnlyWithAsynchronousReplication) {
  Evidence evidence = promoted();
  lose(evidence, 5);
  const Verdict asynchronous = judge(evidence);
  EXPECT_TRUE(asynchronous.good());
  EXPECT_EQ(asynchronous.lost, 0u);
  EXPECT_EQ(asynchronous.lost_with_old_primary, 1u);
  evidence.synchronous = true;
  const Verdict synchronous = judge(evidence);
  EXPECT_FALSE(synchronous.good());
  EXPECT_EQ(synchronous.lost, 1u);
  EXPECT_EQ(synchronous.lost_with_old_primary, 0u);
}

TEST(CrashChecker, FindsALossBetweenTwoPromotions) {
  Evidence evidence = promoted();
  evidence.promotions.push_back({.complete = at(8), .silence = at(9)});
  for (const std::uint64_t n : {5, 6, 8}) evidence.survived.insert(uuid(n));
  lose(evidence, 7);  // which the second standby should have had
  lose(evidence, 9);
  const Verdict verdict = judge(evidence);
  EXPECT_EQ(verdict.lost, 1u);
  EXPECT_EQ(verdict.lost_with_old_primary, 1u);
  ASSERT_EQ(verdict.examples.size(), 1u);
  EXPECT_EQ(verdict.examples[0], "lost: uuid-7 sequence 7");
}

TEST(CrashChecker, ATryThatWasAnsweredAfterTheStandbyWasLastCompleteMayBeLostWhereverItBegan) {
  Evidence evidence = promoted();
  evidence.survived.erase(uuid(2));
  evidence.sent[1].responded_at = at(5);
  lose(evidence, 2);
  EXPECT_EQ(judge(evidence).lost_with_old_primary, 1u);
  evidence.sent[1].responded_at = at(3);
  EXPECT_EQ(judge(evidence).lost, 1u);
}

TEST(CrashChecker, DoesNotWaitForPoisonThatWasLostWithTheOldPrimary) {
  Evidence evidence = promoted();
  evidence.promotions.push_back({.complete = at(9), .silence = at(10)});
  lose(evidence, 10);
  const Verdict verdict = judge(evidence);
  EXPECT_TRUE(verdict.good());
  EXPECT_EQ(verdict.lost_with_old_primary, 1u);
  EXPECT_EQ(verdict.poison_sent, 0u);
}

TEST(CrashChecker, FindsADuplicateAfterAPromotionAndAStrangerOnTheNewPrimary) {
  Evidence twice = promoted();
  twice.telemetry.push_back(row(2));
  EXPECT_EQ(judge(twice).duplicated, 1u);
  Evidence stranger = promoted();
  stranger.survived.insert("uuid-of-nobody");
  EXPECT_EQ(judge(stranger).never_sent, 1u);
}

TEST(CrashChecker, TellsTheMostAttempts) {
  Evidence evidence = clean();
  evidence.dead_letters[0].attempts = 7;
  EXPECT_EQ(judge(evidence).most_attempts, 7);
}

}  // namespace
}  // namespace prompted::test::crash
