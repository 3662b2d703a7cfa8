#include "collector/delivery.hpp"

#include <algorithm>
#include <set>

#include "base/backoff.hpp"

namespace prompted::collector {

namespace {

constexpr std::chrono::milliseconds first_pause{100};
constexpr std::chrono::milliseconds longest_pause{2000};

/// Time limit of one INSERT, short enough to extend the lease afterwards.
base::Duration insert_timeout(std::chrono::seconds lease) {
  return std::clamp<std::chrono::milliseconds>(lease / 3, std::chrono::seconds(3), std::chrono::seconds(10));
}

}  // namespace

Delivery::Delivery(Context& context, ReaderClient& reader, models::LeaseResponse response, base::TimePoint responded_at)
    : context_(context),
      reader_(reader),
      lease_id_(response.lease_id),
      batch_(std::move(response)),
      clock_(responded_at, context.lease_length()) {}

boost::asio::awaitable<void> Delivery::run() {
  // Two statements: as one, g++ 12 makes an illegal instruction of it (an await as condition and one as the body).
  const bool persisted = co_await persist();
  if (persisted) co_await settle();
}

bool Delivery::over() const {
  const base::TimePoint now = base::Clock::now();
  return clock_.gone(now) || context_.abandoning(now);
}

void Delivery::abandon(std::string_view why) {
  ++context_.stats.leases_abandoned;
  log::warn("abandoned the lease; its messages will be redelivered", {{"lease_id", lease_id_},
                                                                      {"messages", batch_.messages()},
                                                                      {"reader", reader_.endpoint().label()},
                                                                      {"reason", why}});
}

boost::asio::awaitable<bool> Delivery::persist() {
  const base::TimePoint began = base::Clock::now();
  base::Backoff backoff(first_pause, longest_pause);
  while (!batch_.done()) {
    const bool went_on = co_await insert_next();
    if (!went_on && over()) {
      abandon("PostgreSQL did not store the rows in time");
      co_return false;
    }
    // Extend when due, because a batch of refused rows is split many times. But not while it is unknown whose fault a
    // failure is: a message that always fails must not block this loop. Its lease ends, and it is redelivered.
    if (!batch_.doubtful()) co_await extend();
    const bool again = batch_.done() && !batch_.conclude();
    if (!went_on || again) co_await context_.pause(backoff.next());
    if (again && over()) {
      abandon("PostgreSQL did not store the rows in time");
      co_return false;
    }
  }
  context_.stats.persist.observe(base::Clock::now() - began);
  co_return true;
}

/// Returns true if rows were inserted, or refused for their data. Returns false on an outage, which makes no row
/// poison.
boost::asio::awaitable<bool> Delivery::insert_next() {
  const auto rows = batch_.next();
  const base::TimePoint deadline = base::Clock::now() + insert_timeout(context_.lease_length());
  try {
    const Inserted inserted = co_await context_.store.insert(rows, deadline);
    context_.stats.rows_persisted += inserted.fresh;
    context_.stats.rows_duplicate += rows.size() - inserted.fresh;
    context_.postgres.recovered();
    ++context_.inserts;
    batch_.inserted(inserted.other_content);
    co_return true;
  } catch (const pg::StatementError& error) {
    if (error.data_error()) {
      batch_.refused("refused by PostgreSQL (" + error.sqlstate + "): " + error.what());
      co_return true;
    }
    context_.postgres.failed({{"error", error.what() + error.advice("telemetry")}});
    if (!error.outage()) {
      if (!inserts_before_) inserts_before_ = context_.inserts;
      batch_.failed("failed in PostgreSQL (" + error.sqlstate + "): " + error.what(),
                    context_.inserts > *inserts_before_);
      co_return true;
    }
  } catch (const base::Error& error) {
    context_.postgres.failed({{"error", error.what()}});
  }
  co_return false;
}

boost::asio::awaitable<void> Delivery::extend() {
  if (!clock_.should_extend(base::Clock::now())) co_return;
  const Verdict outcome = co_await once(reader_.extend(lease_id_));
  const base::TimePoint now = base::Clock::now();
  if (outcome == Verdict::done) {
    clock_.extended(now);
    ++context_.stats.extends;
  } else if (outcome == Verdict::again) {
    clock_.not_extended(now);
  } else {
    clock_.cannot_extend();
  }
}

boost::asio::awaitable<void> Delivery::settle() {
  context_.stats.rows_invalid += batch_.poison().size();
  std::vector<base::Uuid> persisted;  // empty: the whole lease
  if (!batch_.poison().empty()) {
    const Verdict nacked = co_await nack_poison();
    if (nacked == Verdict::again || nacked == Verdict::refused) co_return abandon("nack failed");
    if (nacked == Verdict::unknown && !batch_.all_dead()) co_return abandon("this reader does not support nack");
    log_poison(nacked == Verdict::unknown);
    if (nacked == Verdict::done) persisted = batch_.persisted();
    if (nacked == Verdict::done && persisted.empty()) co_return;
  }
  const Verdict acked = co_await ack(std::move(persisted));
  if (acked == Verdict::done) ++context_.stats.acks;
  else abandon("ack failed");
}

/// Runs before any ack: only its response reveals a reader that acks whole leases only.
boost::asio::awaitable<Verdict> Delivery::nack_poison() {
  const auto groups = by_verdict(batch_.poison());
  for (const auto& [verdict, uuids] : groups) {
    const Verdict outcome = co_await nack(uuids, verdict);
    if (outcome != Verdict::done) co_return outcome;
    context_.stats.nacks += uuids.size();
    co_await extend();
  }
  co_return Verdict::done;
}

boost::asio::awaitable<Verdict> Delivery::nack(std::vector<base::Uuid> uuids, models::NackVerdict verdict) {
  base::Backoff backoff(first_pause, longest_pause);
  for (;;) {
    const Verdict outcome = co_await once(reader_.nack(lease_id_, uuids, verdict));
    if (outcome != Verdict::again || over()) co_return outcome;
    co_await context_.pause(backoff.next());
  }
}

boost::asio::awaitable<Verdict> Delivery::ack(std::vector<base::Uuid> uuids) {
  base::Backoff backoff(first_pause, longest_pause);
  for (;;) {
    const Verdict outcome = co_await once(reader_.ack(lease_id_, uuids));
    if (outcome != Verdict::again || over()) co_return outcome;
    co_await context_.pause(backoff.next());
  }
}

boost::asio::awaitable<Verdict> Delivery::once(AwaitedResponse exchange) {
  try {
    const http::ClientResponse response = co_await std::move(exchange);
    const Verdict outcome = verdict(response.status);
    if (outcome != Verdict::unknown || !knows_nack(lease_id_)) co_return outcome;
    reader_.outage().failed(
        {{"error", "status " + std::to_string(response.status) + " from a proxy in front of the reader"}});
  } catch (const base::Error& error) {
    reader_.outage().failed({{"error", error.what()}});
  }
  co_return Verdict::again;
}

void Delivery::log_poison(bool acked) const {
  for (const bool dead : {true, false}) {
    std::vector<const models::Poison*> messages;
    std::set<std::string_view> reasons;
    for (const models::Poison& message : batch_.poison()) {
      if (message.verdict.dead != dead) continue;
      messages.push_back(&message);
      reasons.insert(message.verdict.reason);
    }
    if (!messages.empty()) log_poison(acked, dead, messages, reasons.size());
  }
}

/// One line per lease: a faulty producer affects many messages.
void Delivery::log_poison(bool acked, bool dead, const std::vector<const models::Poison*>& messages,
                          std::size_t reasons) const {
  const std::string first = base::to_string(messages.front()->msg_uuid);
  const std::string_view reason = models::cut_to_bytes(messages.front()->verdict.reason, models::max_reason_bytes);
  const log::Fields fields{{"messages", messages.size()},
                           {"reasons", reasons},
                           {"first_msg_uuid", first},
                           {"first_reason", reason},
                           {"lease_id", lease_id_}};
  if (acked)
    log::error("messages are not telemetry rows and this reader has no dead letters; acknowledged without storing them",
               fields);
  else if (dead) log::warn("messages are not telemetry rows; moved to dead letters", fields);
  else log::warn("PostgreSQL failed to store messages; nacked for redelivery", fields);
}

}  // namespace prompted::collector
