#pragma once
// Faults for the fleet and its PostgreSQL, dealt at random from a deck that holds each kind once.
#include <chrono>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "system/crash/fault.hpp"
#include "system/crash/fleet.hpp"
#include "system/crash/kinds.hpp"
#include "system/crash/postgres_faults.hpp"

namespace prompted::test::crash {

class FaultDeck {
 public:
  FaultDeck(Fleet& fleet, Servers& servers, std::uint64_t seed, std::vector<Kind> kinds);

  struct Wish {
    bool redelivery = false;  ///< deal the faults most likely to cause one, not the deck's
    bool promotion = false;   ///< deal one regardless of the deck
  };
  /// One to three faults that do not hit the same victim.
  std::vector<Fault> deal(Wish wish);
  /// Arms a few gates to cut the connection between a commit or HTTP request and its response.
  void arm_response_cuts();
  const PostgresDeeds& deeds() const { return postgres_.deeds(); }

 private:
  Kind draw();
  /// Empty if victims of this round's other faults have taken its victims.
  std::vector<Fault> make(Kind kind);
  std::vector<Fault> kill(const std::string& service);
  std::vector<Fault> freeze(const std::string& service);
  std::vector<Fault> terminate(const std::string& service);
  std::vector<Fault> come_or_go(const std::string& service);
  std::vector<Fault> postgres(Kind kind);
  std::vector<Fault> cut_off();
  std::vector<Fault> links(Kind kind);
  Member* victim(const std::string& service);
  Gate* any_link();
  std::chrono::milliseconds between(int least_ms, int most_ms);

  Fleet& fleet_;
  std::mt19937_64 random_;
  PostgresFaults postgres_;
  std::vector<Kind> kinds_;
  std::vector<Kind> deck_;
  std::vector<Kind> postponed_;  ///< dealt first in the next round, because their victims were taken
  std::set<const void*> hit_;    ///< this round
};

}  // namespace prompted::test::crash
