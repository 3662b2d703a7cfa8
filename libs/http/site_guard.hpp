#pragma once
// Keeps web pages of other sites out. A browser lets any page POST to any address that it can reach, and a name that an
// attacker rebinds to this machine lets its page read the responses too. Requests of programs carry none of this.
#include <string>
#include <string_view>
#include <vector>

#include "http/message.hpp"

namespace prompted::http {

/// The hosts that a server answers for (the Host header, RFC 9110 section 7.2). Nobody can rebind these, so they are
/// always allowed: IP addresses, `localhost` and what ends in `.localhost`, names without a dot (`mqwriter` in
/// compose), and what ends in `.svc` or `.cluster.local` (Kubernetes).
class HostList {
 public:
  HostList() = default;
  /// Also these: `telemetry.example.com`, `*.example.com` (any name below it), `*` (every host). As
  /// check_allowed_hosts() takes them.
  explicit HostList(std::vector<std::string> also);

  /// `host`: a Host header's value, with or without a port. An empty one is not allowed.
  bool allows(std::string_view host) const;

 private:
  std::vector<std::string> also_;  ///< lower case
};

/// The entries of a comma-separated list; "" gives none. Throws base::Error(invalid) with what is accepted.
std::vector<std::string> parse_allowed_hosts(std::string_view text);

/// Whether a page of another site sent this, by what browsers say: Sec-Fetch-Site (W3C Fetch Metadata) and Origin (RFC
/// 6454 section 7), which must be the Host. Browsers send them with every request that can change something.
bool from_another_site(const Request& request);

}  // namespace prompted::http
