#pragma once
// Internal to libs/models: the members of a request's object, and the error texts for bad ones. The body is never
// parsed to a tree, which would cost up to forty times its bytes: memory stays below the body's size, whatever it
// contains.
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/uuid.hpp"

namespace prompted::models {

/// The members of all of mqreader's requests; others are ignored.
class RequestObject {
 public:
  enum class Kind { absent, text, number, boolean, list, other };  // null counts as absent: clients use them alike

  struct Member {
    Kind kind = Kind::absent;
    std::string text;  ///< its first kept_bytes
    bool has_nul = false;
    double number = 0;
    bool truth = false;
    std::vector<base::Uuid> uuids;           ///< of a list, at most max_lease_messages
    std::size_t elements = 0;                ///< of a list
    std::optional<std::size_t> bad_element;  ///< the first that is no UUID
  };
  /// Enough to detect that a text has too many characters, and to hold a reason.
  static constexpr std::size_t kept_bytes = 1024;

  /// nullptr for a name that no request has.
  Member* find(std::string_view name);
  /// Throws std::logic_error for a name that no request has.
  const Member& at(std::string_view name) const;

 private:
  static constexpr std::array<std::string_view, 12> names_{"topic",    "consumer_id", "lease_id",   "msg_uuids",
                                                           "max",      "reason",      "wait_ms",    "lease_seconds",
                                                           "delay_ms", "dead",        "in_history", "all"};
  std::array<Member, names_.size()> members_;
};

/// Throws base::Error(invalid): `invalid JSON: …`.
RequestObject parse_object(std::string_view body);
/// `name what`
base::Error bad(const char* name, const std::string& what);

/// "" when absent.
std::string text(const RequestObject& object, const char* name);
std::string required_text(const RequestObject& object, const char* name);
/// Throws base::Error(invalid) when `text` is longer.
void require_characters(const char* name, std::string_view text, std::size_t most);
/// 0 when absent.
double number(const RequestObject& object, const char* name);
bool boolean(const RequestObject& object, const char* name);
std::optional<std::vector<base::Uuid>> uuid_list(const RequestObject& object, const char* name);

}  // namespace prompted::models
