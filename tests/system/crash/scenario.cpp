#include "system/crash/scenario.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <numeric>

#include "support/wait.hpp"

namespace prompted::test::crash {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto recovery_limit = 90s;  // allows for a busy machine and sanitizers
constexpr auto drain_limit = 240s;

FleetSettings fleet_settings(const RunSettings& run) {
  FleetSettings settings;
  settings.shared_ownership = run.shared_ownership;
  settings.log_directory = "/tmp/prompted-crash-" + std::to_string(::getpid());
  std::filesystem::create_directories(settings.log_directory);
  return settings;
}

/// The kinds in the deck.
std::vector<Kind> kinds(const RunSettings& settings) {
  auto kinds = kinds_of(settings.faults);
  if (settings.brief()) std::erase(kinds, Kind::promote);
  return kinds;
}

bool holds(const std::vector<Kind>& kinds, Kind wanted) {
  return std::find(kinds.begin(), kinds.end(), wanted) != kinds.end();
}

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

}  // namespace

Scenario::Scenario(const RunSettings& settings)
    : settings_(settings),
      fleet_settings_(fleet_settings(settings)),
      servers_(house_, settings.replication),
      fleet_(std::make_unique<Fleet>(house_, servers_, fleet_settings_)),
      deck_(*fleet_, servers_, settings.seed, kinds(settings)) {
  for (Member* member : fleet_->all()) member->start();
  LoadSettings load;
  load.writers = fleet_->writer_urls();
  load.seed = settings.seed;
  load.messages_per_second = settings.rate;
  if (!all_ready()) throw std::runtime_error("the fleet does not start");
  load_ = std::make_unique<Load>(load);
}

Scenario::~Scenario() {
  if (!load_) return;
  for (Member* member : fleet_->present()) member->thaw();
}

bool Scenario::all_ready() {
  std::string missing;
  bool ended = false;
  const bool ready = eventually(
      [&] {
        missing.clear();
        for (Member* member : fleet_->present()) {
          if (!member->alive()) {
            ADD_FAILURE() << member->name() << " ended by itself";
            return ended = true;
          }
          if (!member->ready()) missing += " " + member->name();
        }
        return missing.empty();
      },
      recovery_limit);
  EXPECT_TRUE(ready) << "not ready:" << missing;
  return ready && !ended;
}

Scenario::Queue Scenario::queue(const std::string& where) {
  pqxx::connection connection(servers_.url());
  pqxx::nontransaction work(connection);
  const auto row = work.exec("SELECT count(*), coalesce(max(attempts), 0) FROM queue_messages WHERE " + where)[0];
  Queue queue;
  queue.rows = row[0].as<long long>();
  queue.most_attempts = row[1].as<int>();
  totals_.most_attempts = std::max(totals_.most_attempts, queue.most_attempts);
  return queue;
}

bool Scenario::caught_up() {
  pqxx::connection connection(servers_.url());
  const std::string last_id =
      pqxx::nontransaction(connection).exec("SELECT coalesce(max(id), 0) FROM queue_messages")[0][0].c_str();
  const std::string where = "id <= " + last_id + " AND " + fleet_->covered_partitions();
  const bool done = eventually([&] { return queue(where).rows == 0; }, recovery_limit);
  EXPECT_TRUE(done) << queue(where).rows << " messages from before the heal are still in the queue";
  return done;
}

void Scenario::begin(const std::vector<Fault>& faults) {
  for (const Fault& fault : faults) {
    totals_.in_flight += fault.waiting() + load_->counts().waiting;
    fault.begin();
  }
}

FaultDeck::Wish Scenario::wish(int number) const {
  const auto chosen = kinds(settings_);
  FaultDeck::Wish wish;
  wish.redelivery =
      totals_.redeliveries == 0 && holds(chosen, Kind::freeze_collector) && holds(chosen, Kind::kill_reader);
  wish.promotion = settings_.brief() && number == (settings_.rounds + 1) / 2;
  return wish;
}

bool Scenario::round(int number) {
  const auto start = Clock::now();
  const Totals before = totals_;
  const auto faults = deck_.deal(wish(number));
  deck_.arm_response_cuts();
  last(300ms);
  begin(faults);
  std::chrono::milliseconds lasted{0};
  for (const Fault& fault : faults) {
    if (fault.hold > lasted) last(fault.hold - std::exchange(lasted, fault.hold));
    fault.end();
  }
  const auto healed = Clock::now();
  const bool recovered = all_ready() && caught_up() && !testing::Test::HasFailure();
  count();
  print_round(number, seconds_since(start), seconds_since(healed), before, faults);
  return recovered;
}

void Scenario::count() {
  fleet_->scrape();
  totals_.cut = fleet_->gate_counts();
  totals_.commits_cut =
      std::accumulate(totals_.cut.commits_cut.begin(), totals_.cut.commits_cut.end(), std::uint64_t{0});
  const auto counted = [this](const char* service, const char* metric) {
    return static_cast<std::uint64_t>(fleet_->counted(service, metric));
  };
  totals_.redeliveries = counted("mqreader", "prompted_mqreader_redeliveries_total");
  totals_.late_rows = counted("mqreader", "prompted_mqreader_late_rows_healed_total");
  const PostgresDeeds& deeds = deck_.deeds();
  totals_.promotions = deeds.promotions.size();
  totals_.sessions_terminated = deeds.sessions_terminated;
  totals_.rewrites = deeds.rewrites;
  totals_.sequences_behind = deeds.sequences_behind;
  totals_.foreign_rows = deeds.foreign_rows;
  totals_.absorbed = counted("collector", "prompted_collector_rows_skipped_total{reason=\"duplicate\"}");
}

bool Scenario::sweep_twice() {
  const auto sweeps = [this] {
    std::vector<double> counts;
    for (auto& reader : fleet_->of("mqreader")) {
      reader->scrape();
      counts.push_back(reader->counted("prompted_mqreader_sweeps_total"));
    }
    return counts;
  };
  const auto before = sweeps();
  return eventually(
      [&] {
        const auto now = sweeps();
        for (std::size_t i = 0; i < now.size(); ++i) {
          if (now[i] < before[i] + 2) return false;
        }
        return true;
      },
      recovery_limit);
}

bool Scenario::drain() {
  for (Member* member : fleet_->all()) {
    member->start();
    for (const auto& gate : member->postgres_gates()) gate->spare_responses();
    for (const auto& gate : member->fronts()) gate->spare_responses();
  }
  if (!all_ready()) load_->abandon();
  sent_ = load_->finish();
  const bool empty = eventually([this] { return queue("true").rows == 0; }, drain_limit);
  EXPECT_TRUE(empty) << queue("true").rows << " messages left in the queue";
  EXPECT_TRUE(sweep_twice()) << "a reader has stopped sweeping";
  count();
  for (Member* member : fleet_->all()) member->terminate();
  for (Member* member : fleet_->all()) {
    EXPECT_EQ(member->logged("the sweep found rows"), 0u) << member->name();
  }
  return empty;
}

Evidence Scenario::evidence() {
  Evidence evidence;
  evidence.sent = std::move(sent_);
  evidence.promotions = deck_.deeds().promotions;
  evidence.survived = deck_.deeds().survived;
  evidence.synchronous = settings_.replication == Replication::sync;
  pqxx::connection connection(servers_.url());
  pqxx::nontransaction work(connection);
  for (const auto& row : work.exec("SELECT uuid, labels_raw, value FROM telemetry")) {
    Found found;
    found.uuid = row[0].c_str();
    found.sequence = sequence_of(row[1].c_str());
    found.intact = row[2].as<double>(0) == static_cast<double>(found.sequence);
    evidence.telemetry.push_back(std::move(found));
  }
  for (const auto& row : work.exec("SELECT msg_uuid, payload->>'labels_raw', attempts FROM dead_letters")) {
    Found found;
    found.uuid = row[0].c_str();
    found.sequence = sequence_of(row[1].c_str());
    found.attempts = row[2].as<int>();
    totals_.most_attempts = std::max(totals_.most_attempts, found.attempts);
    evidence.dead_letters.push_back(std::move(found));
  }
  evidence.left_in_queue = static_cast<std::size_t>(queue("true").rows);
  return evidence;
}

void Scenario::print_round(int number, double seconds, double to_recover, const Totals& before,
                           const std::vector<Fault>& faults) const {
  std::map<std::string, int> names;
  for (const Fault& fault : faults) ++names[fault.name];
  std::string text;
  for (const auto& [name, times] : names)
    text += (text.empty() ? "" : ", ") + name + (times > 1 ? " x" + std::to_string(times) : "");
  if (text.empty()) text = "(reply cuts only)";
  std::printf(
      "%5d %6.1f s (recovered in %4.1f) %5llu commits cut %4llu replies cut %5zu in flight %6llu redelivered %6llu "
      "absorbed %8llu acknowledged  %s\n",
      number, seconds, to_recover, static_cast<unsigned long long>(totals_.commits_cut - before.commits_cut),
      static_cast<unsigned long long>(totals_.cut.responses_cut - before.cut.responses_cut),
      totals_.in_flight - before.in_flight, static_cast<unsigned long long>(totals_.redeliveries - before.redeliveries),
      static_cast<unsigned long long>(totals_.absorbed - before.absorbed),
      static_cast<unsigned long long>(load_->counts().messages_acknowledged.load()), text.c_str());
  std::fflush(stdout);
}

}  // namespace prompted::test::crash
