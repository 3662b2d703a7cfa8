#include "mqreader/ownership/advertised_address.hpp"

#include <boost/asio/ip/address.hpp>

namespace prompted::mqreader {

namespace {

namespace ip = boost::asio::ip;

std::string as_host(const ip::address& address) {
  return address.is_v6() ? "[" + address.to_string() + "]" : address.to_string();
}

}  // namespace

std::string advertised_address(const std::string& listen_address, const std::string& towards_postgres) {
  boost::system::error_code error;
  const ip::address listening = ip::make_address(listen_address, error);
  const bool everywhere = error || listening.is_unspecified();
  if (!everywhere) return as_host(listening);
  const ip::address local = ip::make_address(towards_postgres, error);
  if (error) return "127.0.0.1";
  // 0.0.0.0 accepts no IPv6, and PostgreSQL on this machine may have been reached at ::1.
  if (listening.is_v4() && local.is_v6() && local.is_loopback()) return "127.0.0.1";
  return as_host(local);
}

}  // namespace prompted::mqreader
