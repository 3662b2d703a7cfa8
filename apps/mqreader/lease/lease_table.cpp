#include "mqreader/lease/lease_table.hpp"

#include <algorithm>
#include <boost/uuid/name_generator_sha1.hpp>
#include <utility>

namespace prompted::mqreader {

namespace {

base::Uuid digest_of(const std::string& consumer) {
  const auto digest = boost::uuids::name_generator_sha1(boost::uuids::ns::oid())(consumer.data(), consumer.size());
  base::Uuid uuid;
  std::copy(digest.begin(), digest.end(), uuid.bytes.begin());
  return uuid;
}

}  // namespace

void LeaseTable::open(const base::Uuid& id, const std::string& consumer, std::vector<std::int64_t> messages,
                      base::TimePoint until) {
  Lease lease;
  lease.serial = ++serials_;
  lease.consumer = digest_of(consumer);
  lease.ids = std::move(messages);
  lease.ids.shrink_to_fit();
  lease.granted = lease.open = lease.ids.size();
  lease.until = lease.look_at = until;
  expiries_.emplace(until, id);
  by_serial_.emplace(lease.serial, id);
  leases_.emplace(id, std::move(lease));
}

Lease* LeaseTable::find(const base::Uuid& id) {
  const auto found = leases_.find(id);
  return found == leases_.end() ? nullptr : &found->second;
}

Lease* LeaseTable::find(const base::Uuid& id, const std::string& consumer) {
  Lease* lease = find(id);
  return lease == nullptr || lease->consumer != digest_of(consumer) ? nullptr : lease;
}

Lease* LeaseTable::leave(std::uint64_t serial) {
  const auto known = by_serial_.find(serial);
  if (known == by_serial_.end()) return nullptr;
  const auto lease = leases_.find(known->second);
  if (--lease->second.open > 0) return &lease->second;
  const auto [first, last] = expiries_.equal_range(lease->second.look_at);
  const auto expiry = std::find_if(first, last, [&](const auto& entry) { return entry.second == lease->first; });
  if (expiry != last) expiries_.erase(expiry);
  leases_.erase(lease);
  by_serial_.erase(known);
  return nullptr;
}

void LeaseTable::extend(const base::Uuid& id, Lease& lease, base::TimePoint until) {
  lease.until = until;
  if (until >= lease.look_at) return;  // a later end needs no second entry: expiries_ does not grow with extends
  lease.look_at = until;
  expiries_.emplace(until, id);
}

Lease* LeaseTable::next_expired(base::TimePoint now) {
  while (!expiries_.empty() && expiries_.begin()->first <= now) {
    const auto [at, id] = *expiries_.begin();
    expiries_.erase(expiries_.begin());
    Lease* lease = find(id);
    if (lease == nullptr || lease->expired || lease->look_at != at) continue;
    if (lease->until <= now) {
      lease->expired = true;
      return lease;
    }
    lease->look_at = lease->until;
    expiries_.emplace(lease->until, id);
  }
  return nullptr;
}

void LeaseTable::clear() {
  leases_.clear();
  by_serial_.clear();
  expiries_.clear();
}

}  // namespace prompted::mqreader
