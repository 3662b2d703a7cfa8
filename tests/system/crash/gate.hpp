#pragma once
// A TCP gate between two parties: a port that stays the same while the daemon behind it gets new ones, and where the
// connection can be cut, held up, or cut between a COMMIT and its reply. All gates live on one thread of their own.
#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "system/crash/postgres_protocol.hpp"

namespace prompted::test::crash {

enum class Traffic {
  postgres,  ///< the gate reads along: it knows statements and commits
  http,
  unread,  ///< passed on as it is
};

struct GateCounts {
  std::array<std::uint64_t, commit_names.size()> commits_cut{};  ///< by Commit
  std::uint64_t responses_cut = 0;                               ///< HTTP
};

/// The thread that all gates share. Outlives them.
class GateHouse {
 public:
  GateHouse();
  ~GateHouse();
  GateHouse(const GateHouse&) = delete;

 private:
  friend class Gate;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Every call takes effect before it returns; from any thread.
class Gate {
 public:
  Gate(GateHouse& house, Traffic traffic);
  ~Gate();
  Gate(const Gate&) = delete;

  std::uint16_t port() const;
  std::string url() const;  ///< http://127.0.0.1:<port>

  void point_to(std::uint16_t port);
  /// Nobody is there: connections are reset as soon as they are accepted.
  void close();
  /// Nobody listens: connections are refused, until point_to(). Only then libpq tries the next host of a DSN: a
  /// connection that was accepted and broke is the end of its attempt.
  void refuse();
  /// Resets every open connection. The gate stays open.
  void cut();
  /// Passes nothing and closes nothing, like a network that lost its way.
  void stall(bool on);
  /// The same for another who wants it: a gate passes something when it is neither stalled nor held.
  void hold(bool on);
  /// Connections that log in to Postgres while this is on never hear of it again afterwards, like one whose host is
  /// gone.
  void mute(bool on);
  /// Every piece of data waits so long; zero to end it.
  void delay(std::chrono::milliseconds pause);
  /// The next `n` requests for which it can be done are carried out by the server and cut before the client hears of
  /// it: on Postgres commits that changed rows (of `only`'s statement, unless it is none), on HTTP any request.
  void cut_responses(int n, Commit only = Commit::none);
  /// Takes back what of cut_replies() has not happened.
  void spare_responses();

  /// Connections whose client waits for an answer now.
  std::size_t waiting() const;
  GateCounts counts() const;

 private:
  struct Impl;
  template <class F>
  auto ask(F f) const;
  GateHouse::Impl& house_;
  std::shared_ptr<Impl> impl_;
};

}  // namespace prompted::test::crash
