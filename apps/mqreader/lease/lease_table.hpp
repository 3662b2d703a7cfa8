#pragma once
// Who holds which messages until when. A plain class: time is an argument, and a message is an id.
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/uuid.hpp"

namespace prompted::mqreader {

struct Lease {
  std::uint64_t serial = 0;
  base::Uuid consumer;  ///< digest of its id, which may be long
  base::TimePoint until{};
  base::TimePoint look_at{};  ///< its entry among the expiries: not after `until`
  bool expired = false;
  std::vector<std::int64_t> ids;  ///< may include ids that have left the lease
  std::size_t granted = 0;        ///< messages
  std::size_t open = 0;           ///< messages in memory whose latest lease this is
};

/// References to leases are valid until the lease ends.
class LeaseTable {
 public:
  /// The serial of the next lease that open() makes.
  std::uint64_t next_serial() const { return serials_ + 1; }
  void open(const base::Uuid& id, const std::string& consumer, std::vector<std::int64_t> messages,
            base::TimePoint until);
  /// Returns nullptr for an unknown lease, or another consumer's.
  Lease* find(const base::Uuid& id, const std::string& consumer);
  Lease* find(const base::Uuid& id);

  /// Records that a message has left the lease with this serial. The lease ends with its last message; then returns
  /// nullptr.
  Lease* leave(std::uint64_t serial);
  void extend(const base::Uuid& id, Lease& lease, base::TimePoint until);
  /// Returns the next lease that has expired by `now` and marks it, or nullptr if there is none.
  Lease* next_expired(base::TimePoint now);
  /// When next_expired() may have one; base::never without leases.
  base::TimePoint next_expiry() const { return expiries_.empty() ? base::never : expiries_.begin()->first; }

  bool contains(const base::Uuid& id) const { return leases_.contains(id); }
  std::size_t size() const { return leases_.size(); }
  void clear();

 private:
  std::unordered_map<base::Uuid, Lease> leases_;
  std::unordered_map<std::uint64_t, base::Uuid> by_serial_;
  std::multimap<base::TimePoint, base::Uuid> expiries_;  ///< may be outdated: the lease's `look_at` tells
  std::uint64_t serials_ = 0;
};

}  // namespace prompted::mqreader
