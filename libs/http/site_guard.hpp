#pragma once
// Rejects requests from web pages of other sites. A browser lets any page POST to any address it can reach, and a name
// that an attacker rebinds to this machine (DNS rebinding) lets the page read the responses too. Requests from programs
// carry none of the headers checked here.
#include <string>
#include <string_view>
#include <vector>

#include "http/message.hpp"

namespace prompted::http {

/// The hosts that a server serves (the Host header, RFC 9110 section 7.2). Always allowed, because they cannot be
/// rebound: IP addresses, `localhost` and names ending in `.localhost`, names without a dot (`mqwriter` in compose),
/// and names ending in `.svc` or `.cluster.local` (Kubernetes).
class HostList {
 public:
  HostList() = default;
  /// Allows more hosts: `telemetry.example.com`, `*.example.com` (any name below it), `*` (every host), as
  /// parse_allowed_hosts() returns them.
  explicit HostList(std::vector<std::string> also);

  /// `host`: a Host header's value, with or without a port. An empty value is not allowed.
  bool allows(std::string_view host) const;

 private:
  std::vector<std::string> also_;  ///< lower case
};

/// The entries of a comma-separated list; none for "". Throws base::Error(invalid) that says what is accepted.
std::vector<std::string> parse_allowed_hosts(std::string_view text);

/// Whether a page of another site sent this, judging by Sec-Fetch-Site (W3C Fetch Metadata) and Origin (RFC 6454
/// section 7), which must match the Host. Browsers send them with every request that can change something.
bool from_another_site(const Request& request);

}  // namespace prompted::http
