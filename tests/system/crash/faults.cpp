#include "system/crash/faults.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace prompted::test::crash {
namespace {

using std::chrono::milliseconds;

/// LEASE_SECONDS and the readers' TTL are 2 s.
constexpr int past_the_lease_ms = 2600;

}  // namespace

FaultDeck::FaultDeck(Fleet& fleet, Servers& servers, std::uint64_t seed, std::vector<Kind> kinds)
    : fleet_(fleet), random_(seed), postgres_(fleet, servers, random_), kinds_(std::move(kinds)) {}

milliseconds FaultDeck::between(int least_ms, int most_ms) {
  return milliseconds(std::uniform_int_distribution(least_ms, most_ms)(random_));
}

Kind FaultDeck::draw() {
  if (deck_.empty()) {
    deck_ = kinds_;
    std::shuffle(deck_.begin(), deck_.end(), random_);
  }
  const Kind kind = deck_.back();
  deck_.pop_back();
  return kind;
}

std::vector<Fault> FaultDeck::deal(Wish wish) {
  hit_.clear();
  std::vector<Kind> kinds;
  if (wish.promotion) kinds.push_back(Kind::promote);
  if (wish.redelivery) {
    // Messages leased by frozen collectors, or by their pending lease requests, are redelivered to the remaining one.
    kinds.insert(kinds.end(), std::max<std::size_t>(2, fleet_.present("collector").size()) - 1, Kind::freeze_collector);
    kinds.push_back(Kind::kill_reader);
  } else {
    kinds.insert(kinds.end(), postponed_.begin(), postponed_.end());
    postponed_.clear();
    for (auto n = static_cast<std::size_t>(between(1, 3).count()); kinds.size() < n;) kinds.push_back(draw());
  }
  std::vector<Fault> faults;
  for (const Kind kind : kinds) {
    auto made = make(kind);
    if (made.empty() && !wish.redelivery) postponed_.push_back(kind);
    std::move(made.begin(), made.end(), std::back_inserter(faults));
  }
  return faults;
}

std::vector<Fault> FaultDeck::make(Kind kind) {
  if (PostgresFaults::makes(kind)) return postgres(kind);
  switch (kind) {
    case Kind::kill_writer:
      return kill("mqwriter");
    case Kind::kill_reader:
      return kill("mqreader");
    case Kind::kill_collector:
      return kill("collector");
    case Kind::freeze_writer:
      return freeze("mqwriter");
    case Kind::freeze_reader:
      return freeze("mqreader");
    case Kind::freeze_collector:
      return freeze("collector");
    case Kind::terminate_writer:
      return terminate("mqwriter");
    case Kind::terminate_reader:
      return terminate("mqreader");
    case Kind::terminate_collector:
      return terminate("collector");
    case Kind::reader_comes_or_goes:
      return come_or_go("mqreader");
    case Kind::collector_comes_or_goes:
      return come_or_go("collector");
    case Kind::cut_off_postgres:
      return cut_off();
    default:
      return links(kind);
  }
}

/// A running member that no other fault hits in this round; nullptr if there is none.
Member* FaultDeck::victim(const std::string& service) {
  auto members = fleet_.present(service);
  std::erase_if(members, [&](Member* member) { return hit_.contains(member); });
  if (members.empty()) return nullptr;
  Member* chosen = members[random_() % members.size()];
  hit_.insert(chosen);
  return chosen;
}

std::vector<Fault> FaultDeck::kill(const std::string& service) {
  Member* member = victim(service);
  if (!member) return {};
  return {{"kill -9 " + member->name(), between(0, 1500), [=] { return member->waiting(); }, [=] { member->kill(); },
           [=] { member->start(); }}};
}

std::vector<Fault> FaultDeck::freeze(const std::string& service) {
  Member* member = victim(service);
  if (!member) return {};
  return {{"freeze " + member->name(), between(past_the_lease_ms, past_the_lease_ms + 900),
           [=] { return member->waiting(); }, [=] { member->freeze(); }, [=] { member->thaw(); }}};
}

std::vector<Fault> FaultDeck::terminate(const std::string& service) {
  Member* member = victim(service);
  if (!member) return {};
  return {{"SIGTERM " + member->name(), between(0, 1000), [=] { return member->waiting(); },
           [=] { member->terminate(); }, [=] { member->start(); }}};
}

/// Keeps at least one member of each service running.
std::vector<Fault> FaultDeck::come_or_go(const std::string& service) {
  std::vector<Member*> absent;
  for (const auto& member : fleet_.of(service)) {
    if (!member->present() && !hit_.contains(member.get())) absent.push_back(member.get());
  }
  const auto nothing = [] {};
  if (!absent.empty() && (random_() % 2 == 0 || fleet_.present(service).size() == 1)) {
    Member* member = absent[random_() % absent.size()];
    hit_.insert(member);
    return {
        {member->name() + " comes", milliseconds(0), [] { return std::size_t(0); }, [=] { member->start(); }, nothing}};
  }
  if (fleet_.present(service).size() < 2) return {};
  Member* member = victim(service);
  if (!member) return {};
  const bool killed = random_() % 2 == 0;
  const auto go = [=] { killed ? member->kill() : member->terminate(); };
  return {{member->name() + (killed ? " is killed and stays away" : " goes"), milliseconds(0),
           [=] { return member->waiting(); }, go, nothing}};
}

/// At most one per round: they interfere with each other.
std::vector<Fault> FaultDeck::postgres(Kind kind) {
  if (!hit_.insert(&postgres_).second) return {};
  return {postgres_.make(kind)};
}

Gate* FaultDeck::any_link() {
  std::vector<Gate*> gates;
  for (Member* member : fleet_.present()) {
    gates.push_back(&member->postgres());
    for (const auto& gate : member->fronts()) gates.push_back(gate.get());
  }
  return gates[random_() % gates.size()];
}

/// One daemon loses PostgreSQL without any error on its connections.
std::vector<Fault> FaultDeck::cut_off() {
  const std::array<const char*, 3> services{"mqwriter", "mqreader", "collector"};
  Member* member = victim(services[random_() % services.size()]);
  if (!member) return {};
  const auto waiting = [=] { return member->waiting_for_postgres(); };
  const auto begin = [=] { member->stall_postgres(true); };
  const auto heal = [=] { member->stall_postgres(false); };
  if (random_() % 3 != 0)
    return {{"cut " + member->name() + " off PostgreSQL", between(1000, 4000), waiting, begin, heal}};
  const auto end = [=] {  // SIGTERM must end it even then
    member->terminate();
    heal();
    member->start();
  };
  return {{"SIGTERM " + member->name() + " while cut off PostgreSQL", between(500, 4000), waiting, begin, end}};
}

std::vector<Fault> FaultDeck::links(Kind kind) {
  std::vector<Fault> faults;
  for (int i = 0; i < 4; ++i) {
    Gate* gate = any_link();
    if (!hit_.insert(gate).second) continue;
    const auto waiting = [=] { return gate->waiting(); };
    const auto pause = between(30, 200);
    if (kind == Kind::cut_links) faults.push_back({"cut", milliseconds(0), waiting, [=] { gate->cut(); }, [] {}});
    if (kind == Kind::stall_links)
      faults.push_back({"stall", between(500, 3000), waiting, [=] { gate->stall(true); }, [=] { gate->stall(false); }});
    if (kind == Kind::delay_links)
      faults.push_back(
          {"delay", between(500, 2000), waiting, [=] { gate->delay(pause); }, [=] { gate->delay(milliseconds(0)); }});
  }
  return faults;
}

void FaultDeck::arm_response_cuts() {
  const auto members = fleet_.present();
  for (int i = 0; i < 3; ++i)
    members[random_() % members.size()]->postgres().cut_responses(static_cast<int>(between(1, 2).count()));
  for (const Commit rare : {Commit::attempts, Commit::dead_letter}) {  // chance would hardly ever pick them
    const auto readers = fleet_.present("mqreader");
    if (random_() % 3 == 0) readers[random_() % readers.size()]->postgres().cut_responses(1, rare);
  }
  for (int i = 0; i < 2; ++i) {
    Member* member = members[random_() % members.size()];
    if (member->fronts().empty()) continue;
    member->fronts()[random_() % member->fronts().size()]->cut_responses(1);
  }
}

}  // namespace prompted::test::crash
