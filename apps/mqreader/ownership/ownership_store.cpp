#include "mqreader/ownership/ownership_store.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "mqreader/ownership/advertised_address.hpp"
#include "mqreader/ownership/sql.hpp"
#include "postgres/session.hpp"

namespace prompted::mqreader {

namespace {

/// This machine's address in its connection to Postgres. A unix socket means that all run on this machine.
std::string address_towards_postgres(pg::Session& session) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  char text[INET6_ADDRSTRLEN] = "127.0.0.1";
  if (::getsockname(session.connection().sock(), reinterpret_cast<sockaddr*>(&address), &size) != 0) return text;
  if (address.ss_family == AF_INET) {
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(address).sin_addr, text, sizeof text);
  } else if (address.ss_family == AF_INET6) {
    ::inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr, text, sizeof text);
  }
  return text;
}

base::Uuid uuid_of(const pqxx::field& field) { return base::parse_uuid(field.c_str()).value_or(base::Uuid{}); }

std::string address_of(pg::Session& session, const Registration& me) {
  if (!me.advertise_url.empty()) return me.advertise_url;
  const std::string host = advertised_address(me.listen_address, address_towards_postgres(session));
  return "http://" + host + ":" + std::to_string(me.port);
}

void enter_now(pg::Session& session, const Registration& me, const std::vector<base::Uuid>& dead) {
  session.exec(sql::make_partitions, me.partition_count);
  for (const auto& reader : dead) session.exec(sql::delete_reader, base::to_string(reader));
  session.exec(sql::reap_readers);
  session.exec(sql::register_reader, base::to_string(me.id), me.first_partition, me.last_partition,
               address_of(session, me), me.ttl_seconds, me.host);
}

Predecessors predecessors_now(pg::Session& session, const Registration& me) {
  Predecessors found;
  found.address = address_of(session, me);
  for (const auto& row : session.exec(sql::list_predecessors, found.address, me.host))
    found.readers.push_back(uuid_of(row[0]));
  return found;
}

OwnershipView heartbeat_now(pg::Session& session, const Registration& me) {
  OwnershipView view;
  view.alive = !session.exec(sql::renew_reader, base::to_string(me.id), me.ttl_seconds).empty();
  if (!view.alive) return view;
  session.exec(sql::reap_readers);
  for (const auto& row : session.exec(sql::list_readers))
    view.readers.push_back(
        {uuid_of(row[0]), row[1].as<int>(), row[2].as<int>(), row[3].c_str(), row[4].c_str(), row[5].as<double>()});
  view.owners.resize(static_cast<std::size_t>(me.partition_count));
  for (const auto& row : session.exec(sql::list_owners, me.partition_count))
    if (!row[1].is_null()) view.owners[row[0].as<std::size_t>()] = uuid_of(row[1]);
  return view;
}

pg::Array int_array(const std::vector<int>& values) {
  pg::Array array(pg::ElementType::int4, values.size() * 8);
  for (int value : values) array.add(static_cast<std::int32_t>(value));
  return array;
}

}  // namespace

boost::asio::awaitable<Predecessors> OwnershipStore::predecessors(Registration me, base::TimePoint deadline) {
  auto work = [me = std::move(me)](pg::Session& session) { return predecessors_now(session, me); };
  return database_.run(std::move(work), deadline);
}

boost::asio::awaitable<void> OwnershipStore::enter(Registration me, std::vector<base::Uuid> dead,
                                                   base::TimePoint deadline) {
  auto work = [me = std::move(me), dead = std::move(dead)](pg::Session& session) { enter_now(session, me, dead); };
  return database_.run(std::move(work), deadline);
}

boost::asio::awaitable<void> OwnershipStore::reap(LiveReader silent, base::TimePoint deadline) {
  auto work = [silent = std::move(silent)](pg::Session& session) {
    session.exec(sql::reap_silent_reader, base::to_string(silent.id), silent.expires);
  };
  return database_.run(std::move(work), deadline);
}

boost::asio::awaitable<OwnershipView> OwnershipStore::heartbeat(Registration me, base::TimePoint deadline) {
  auto work = [me = std::move(me)](pg::Session& session) { return heartbeat_now(session, me); };
  return database_.run(std::move(work), deadline);
}

boost::asio::awaitable<std::vector<int>> OwnershipStore::claim(base::Uuid me, std::vector<int> wanted,
                                                               base::TimePoint deadline) {
  auto work = [me, wanted = std::move(wanted)](pg::Session& session) {
    auto keys = int_array(wanted);
    std::vector<int> got;
    for (const auto& row : session.exec(sql::claim_partitions, pg::binary(keys), base::to_string(me)))
      got.push_back(row[0].as<int>());
    return got;
  };
  return database_.run(std::move(work), deadline);
}

boost::asio::awaitable<void> OwnershipStore::release(base::Uuid me, std::vector<int> given, base::TimePoint deadline) {
  auto work = [me, given = std::move(given)](pg::Session& session) {
    auto keys = int_array(given);
    session.exec(sql::release_partitions, pg::binary(keys), base::to_string(me));
  };
  return database_.run(std::move(work), deadline);
}

boost::asio::awaitable<void> OwnershipStore::leave(base::Uuid me, base::TimePoint deadline) {
  auto work = [me](pg::Session& session) { session.exec(sql::delete_reader, base::to_string(me)); };
  return database_.run(std::move(work), deadline);
}

}  // namespace prompted::mqreader
