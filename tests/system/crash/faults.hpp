#pragma once
// What happens to the fleet and its PostgreSQL, dealt at random from a deck that holds every kind of fault once.
#include <chrono>
#include <functional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "support/postgres_cluster.hpp"
#include "system/crash/fleet.hpp"

namespace prompted::test::crash {

struct Fault {
  std::string name;
  std::chrono::milliseconds hold{0};     ///< between begin and end
  std::function<std::size_t()> waiting;  ///< requests in flight where it will hit
  std::function<void()> begin;
  std::function<void()> end;  ///< heals it
};

class FaultDeck {
 public:
  FaultDeck(Fleet& fleet, PostgresCluster& postgres, std::uint64_t seed);

  /// One to three faults that do not hit the same victim; or those that most likely cause a redelivery.
  std::vector<Fault> deal(bool provoke_redelivery);
  /// Arms a few gates to cut a commit or an HTTP request from its reply.
  void arm_reply_cuts();

 private:
  enum class Kind {
    freeze_collector,
    stop_postgres,
    kill_reader,
    kill_writer,
    kill_collector,
    freeze_writer,
    freeze_reader,
    terminate_writer,
    terminate_reader,
    terminate_collector,
    kill_postgres,
    freeze_postgres,
    cut_links,
    stall_links,
    delay_links,
    cut_off_postgres,
    reader_comes_or_goes,
    collector_comes_or_goes,
    end_of_kinds
  };

  Kind draw();
  /// Empty when its victims are taken this round.
  std::vector<Fault> make(Kind kind);
  std::vector<Fault> kill(const std::string& service);
  std::vector<Fault> freeze(const std::string& service);
  std::vector<Fault> terminate(const std::string& service);
  std::vector<Fault> come_or_go(const std::string& service);
  std::vector<Fault> postgres(Kind kind);
  std::vector<Fault> links(Kind kind);
  Member* victim(const std::string& service);
  Gate* any_link();
  std::chrono::milliseconds between(int least_ms, int most_ms);

  Fleet& fleet_;
  PostgresCluster& postgres_;
  std::mt19937_64 random_;
  std::vector<Kind> deck_;
  std::set<const void*> hit_;  ///< this round
};

}  // namespace prompted::test::crash
