#pragma once
// Dead letters over HTTP (docs/api.md): listing, redrive and purge.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "base/uuid.hpp"

namespace prompted::models {

/// The position after a dead letter, in order of time of death, then uuid, then topic (a uuid is unique only within its
/// topic).
struct DeadLetterPlace {
  DeadLetterPlace() = default;  // not an aggregate: it travels through coroutines (docs/toolchain.md)

  base::Instant died_at{};
  base::Uuid msg_uuid;
  std::string topic;
};

/// A place as an opaque cursor of letters and digits. Parsing any other text gives nullopt.
std::string to_cursor(const DeadLetterPlace& place);
std::optional<DeadLetterPlace> parse_cursor(std::string_view cursor);

/// GET /v1/dead-letters.
struct DeadLetterQuery {
  DeadLetterQuery() = default;

  std::optional<std::string> topic;      ///< absent: every topic
  std::int64_t limit = 100;              ///< 1..1000
  std::optional<DeadLetterPlace> after;  ///< absent: start at the first
};

/// POST /v1/dead-letters/redrive and /purge: exactly one of `msg_uuids` and `"all":true`.
struct DeadLetterSelection {
  DeadLetterSelection() = default;

  std::optional<std::string> topic;                  ///< absent: every topic
  std::optional<std::vector<base::Uuid>> msg_uuids;  ///< absent: all
};
/// Throws base::Error(invalid): `invalid JSON: …`, `either msg_uuids or all is required`, `msg_uuids[i]: must be a
/// UUID`, `topic must not be empty` (an empty variable in a script must not purge every topic).
DeadLetterSelection parse_selection(std::string_view body);

std::string redrive_response(std::size_t redriven);  ///< {"redriven":N}
std::string purge_response(std::size_t purged);      ///< {"purged":N}

/// One dead letter as texts: times in RFC 3339, the payload as JSON.
struct DeadLetterTexts {
  std::string_view topic;
  std::string_view msg_uuid;
  std::string_view partition_key;
  std::string_view attempts;
  std::string_view reason;
  std::string_view created_at;
  std::string_view died_at;
  std::string_view payload;
};

/// Builds {"dead_letters":[…],"next_cursor":…} row by row.
class DeadLettersResponse {
 public:
  void add(const DeadLetterTexts& letter);
  /// `next` is absent on the last page.
  std::string finish(const std::optional<DeadLetterPlace>& next) &&;

 private:
  std::string out_ = R"({"dead_letters":[)";
  bool first_ = true;
};

}  // namespace prompted::models
