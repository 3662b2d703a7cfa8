#pragma once
// A TCP proxy for injecting faults. Its port stays the same while the daemon behind it gets new ones. Connections can
// be cut, stalled, or cut between a COMMIT and its response. All gates run on one shared thread.
#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "system/crash/postgres_protocol.hpp"

namespace prompted::test::crash {

enum class Traffic {
  postgres,  ///< the gate parses the protocol to recognize statements and commits
  http,
  unread,  ///< passed on without parsing
};

struct GateCounts {
  std::array<std::uint64_t, commit_names.size()> commits_cut{};  ///< by Commit
  std::uint64_t responses_cut = 0;                               ///< HTTP
};

/// The thread that all gates share. Must outlive them.
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

/// Thread-safe. Every call takes effect before it returns.
class Gate {
 public:
  Gate(GateHouse& house, Traffic traffic);
  ~Gate();
  Gate(const Gate&) = delete;

  std::uint16_t port() const;
  std::string url() const;  ///< http://127.0.0.1:<port>

  void point_to(std::uint16_t port);
  /// Resets connections as soon as they are accepted.
  void close();
  /// Refuses connections until point_to(). libpq tries the next host of a DSN only if a connection is refused: one that
  /// was accepted and then broke ends the attempt.
  void refuse();
  /// Resets every open connection. The gate stays open.
  void cut();
  /// Passes nothing and closes nothing, like a network that drops packets.
  void stall(bool on);
  /// Like stall(), for a second independent caller. A gate passes data only when it is neither stalled nor held.
  void hold(bool on);
  /// Connections that log in to PostgreSQL while this is on receive nothing more, as if its host had vanished.
  void mute(bool on);
  /// Delays every chunk of data by `pause`; zero ends the delay.
  void delay(std::chrono::milliseconds pause);
  /// For the next `n` eligible requests, lets the server execute them but cuts the connection before the client gets
  /// the response. Eligible are commits on PostgreSQL that changed rows (of `only`'s statement, unless it is none), and
  /// any HTTP request.
  void cut_responses(int n, Commit only = Commit::none);
  /// Cancels cuts requested by cut_responses() that have not happened yet.
  void spare_responses();

  /// Connections whose client is waiting for a response.
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
