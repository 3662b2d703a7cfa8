#pragma once
// The address at which other readers reach this one if READER_ADVERTISE_URL is not set.
#include <string>

namespace prompted::mqreader {

/// Returns the host of a URL (IPv6 in brackets). `listen_address` is LISTEN_ADDRESS; `towards_postgres` is this
/// machine's end of its connection to PostgreSQL, where readers that share a database can most likely reach each other.
/// A reader that listens on one address only is found at that address and nowhere else.
std::string advertised_address(const std::string& listen_address, const std::string& towards_postgres);

}  // namespace prompted::mqreader
