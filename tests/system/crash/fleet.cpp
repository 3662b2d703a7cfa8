#include "system/crash/fleet.hpp"

namespace prompted::test::crash {

Fleet::Fleet(GateHouse& house, const Servers& servers, const FleetSettings& settings) : settings_(settings) {
  for (int i = 0; i < settings.writers; ++i) add("mqwriter", i, house).add_front(house);
  for (int i = 0; i < settings.readers; ++i) {
    Member& reader = add("mqreader", i, house);
    reader.environment["READER_SWEEP_INTERVAL"] = "1s";
    reader.environment["READER_LEASE_TTL"] = "2s";
    if (!settings.shared_ownership) {
      reader.environment["READER_PARTITION_START"] = std::to_string(first_partition(i));
      reader.environment["READER_PARTITION_END"] = std::to_string(first_partition(i + 1) - 1);
    }
  }
  for (int i = 0; i < settings.collectors; ++i) {
    Member& collector = add("collector", i, house);
    std::string urls;  // a gate for each pair of collector and reader: each connection can be cut on its own
    for (auto& reader : of("mqreader")) urls += (urls.empty() ? "" : ",") + reader->add_front(house).url();
    collector.environment["MQ_BASE_URL"] = urls;
    collector.environment["COLLECTOR_ID"] = "collector-" + std::to_string(i);
    collector.environment["LEASE_SECONDS"] = "2";
    collector.environment["POLL_INTERVAL_MS"] = "200";
  }
  for (Member* member : all()) {
    member->environment["DATABASE_URL"] = member->database_url(servers.database());
    member->environment["SHUTDOWN_GRACE"] = "5s";
  }
  follow(servers);
}

Member& Fleet::add(const std::string& service, int index, GateHouse& house) {
  return *members_[service].emplace_back(std::make_unique<Member>(service, index, house, settings_.log_directory));
}

int Fleet::first_partition(int reader) const { return settings_.partitions * reader / settings_.readers; }

std::vector<Member*> Fleet::all() const {
  std::vector<Member*> members;
  for (const auto& [service, some] : members_) {
    for (const auto& member : some) members.push_back(member.get());
  }
  return members;
}

std::vector<Member*> Fleet::present() const {
  auto members = all();
  std::erase_if(members, [](const Member* member) { return !member->present(); });
  return members;
}

std::vector<Member*> Fleet::present(const std::string& service) const {
  auto members = present();
  std::erase_if(members, [&](const Member* member) { return member->service() != service; });
  return members;
}

std::vector<std::string> Fleet::writer_urls() const {
  std::vector<std::string> urls;
  for (const auto& writer : members_.at("mqwriter")) urls.push_back(writer->fronts().front()->url());
  return urls;
}

std::string Fleet::covered_partitions() const {
  if (settings_.shared_ownership) return "true";
  std::string sql = "false";
  const auto& readers = members_.at("mqreader");
  for (std::size_t i = 0; i < readers.size(); ++i) {
    if (!readers[i]->present()) continue;
    const int index = static_cast<int>(i);
    sql += " OR partition_key BETWEEN " + std::to_string(first_partition(index)) + " AND " +
           std::to_string(first_partition(index + 1) - 1);
  }
  return "(" + sql + ")";
}

void Fleet::follow(const Servers& servers) {
  for (Member* member : all()) member->follow(servers);
}

void Fleet::cut_postgres() {
  for (Member* member : all()) {
    for (const auto& gate : member->postgres_gates()) gate->cut();
  }
}

std::size_t Fleet::waiting_for_postgres() const {
  std::size_t sum = 0;
  for (const Member* member : present()) sum += member->waiting_for_postgres();
  return sum;
}

void Fleet::scrape() {
  for (Member* member : present()) member->scrape();
}

double Fleet::counted(const std::string& service, const std::string& metric) const {
  double sum = 0;
  for (const auto& member : members_.at(service)) sum += member->counted(metric);
  return sum;
}

GateCounts Fleet::gate_counts() const {
  GateCounts sum;
  const auto add = [&](const Gate& gate) {
    const GateCounts counts = gate.counts();
    for (std::size_t i = 0; i < sum.commits_cut.size(); ++i) sum.commits_cut[i] += counts.commits_cut[i];
    sum.responses_cut += counts.responses_cut;
  };
  for (Member* member : all()) {
    for (const auto& gate : member->postgres_gates()) add(*gate);
    for (const auto& gate : member->fronts()) add(*gate);
  }
  return sum;
}

}  // namespace prompted::test::crash
