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

/// The place behind a dead letter in their order: by time of death, then uuid, then topic (a uuid is unique in its
/// topic only).
struct DeadLetterPlace {
  DeadLetterPlace() = default;  // not an aggregate: it travels through coroutines (docs/toolchain.md)

  base::Instant died_at{};
  base::Uuid msg_uuid;
  std::string topic;
};

/// A place as clients carry it: opaque, of letters and digits. nullopt: not such a text.
std::string to_cursor(const DeadLetterPlace& place);
std::optional<DeadLetterPlace> parse_cursor(std::string_view cursor);

/// GET /v1/dead-letters.
struct DeadLetterQuery {
  DeadLetterQuery() = default;

  std::optional<std::string> topic;      ///< absent: every topic
  std::int64_t limit = 100;              ///< 1..1000
  std::optional<DeadLetterPlace> after;  ///< absent: from the first
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

/// One dead letter in texts; the times are RFC 3339, the payload is JSON.
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

/// {"dead_letters":[…],"next_cursor":…}, appended row by row.
class DeadLettersResponse {
 public:
  void add(const DeadLetterTexts& letter);
  /// `next`: absent when that was the last page.
  std::string finish(const std::optional<DeadLetterPlace>& next) &&;

 private:
  std::string out_ = R"({"dead_letters":[)";
  bool first_ = true;
};

}  // namespace prompted::models
