#include "models/dead_letters.hpp"

#include <utility>

#include "base/json.hpp"
#include "base/text.hpp"
#include "models/invalid_json.hpp"
#include "models/limits.hpp"
#include "models/request_json.hpp"

namespace prompted::models {

namespace {

constexpr std::size_t time_length = 27;  // 2026-11-23T12:00:00.000000Z
constexpr std::size_t uuid_length = 36;

}  // namespace

std::string to_cursor(const DeadLetterPlace& place) {
  std::string bytes = base::format_rfc3339(place.died_at);
  base::append_uuid(bytes, place.msg_uuid);
  bytes += place.topic;
  return base::to_hex(bytes);
}

std::optional<DeadLetterPlace> parse_cursor(std::string_view cursor) {
  const auto bytes = base::from_hex(cursor);
  if (!bytes || bytes->size() <= time_length + uuid_length || has_nul_byte(*bytes)) return std::nullopt;
  const std::string_view parts = *bytes;
  const auto died_at = base::parse_rfc3339(parts.substr(0, time_length));
  const auto uuid = base::parse_uuid(parts.substr(time_length, uuid_length));
  if (!died_at || !uuid) return std::nullopt;
  DeadLetterPlace place;
  place.died_at = *died_at;
  place.msg_uuid = *uuid;
  place.topic = parts.substr(time_length + uuid_length);
  return place;
}

DeadLetterSelection parse_selection(std::string_view body) {
  const RequestObject object = parse_object(body);
  DeadLetterSelection selection;
  if (object.at("topic").kind != RequestObject::Kind::absent) {
    selection.topic = text(object, "topic");
    if (selection.topic->empty()) throw bad("topic", "must not be empty");
    require_characters("topic", *selection.topic, max_topic_characters);
  }
  selection.msg_uuids = uuid_list(object, "msg_uuids");
  if (selection.msg_uuids.has_value() == boolean(object, "all"))
    throw base::invalid("either msg_uuids or all is required");
  return selection;
}

std::string redrive_response(std::size_t redriven) { return R"({"redriven":)" + std::to_string(redriven) + "}"; }

std::string purge_response(std::size_t purged) { return R"({"purged":)" + std::to_string(purged) + "}"; }

void DeadLettersResponse::add(const DeadLetterTexts& letter) {
  auto object = base::JsonArray(out_, std::exchange(first_, false)).object();
  object.text("topic", letter.topic);
  object.text("msg_uuid", letter.msg_uuid);
  object.raw("partition_key", letter.partition_key);
  object.raw("attempts", letter.attempts);
  object.text("reason", letter.reason);
  object.text("created_at", letter.created_at);
  object.text("died_at", letter.died_at);
  object.raw("payload", letter.payload);
  object.end();
}

std::string DeadLettersResponse::finish(const std::optional<DeadLetterPlace>& next) && {
  out_ += R"(],"next_cursor":)";
  if (next) base::append_json_string(out_, to_cursor(*next));
  else out_ += "null";
  out_ += '}';
  return std::move(out_);
}

}  // namespace prompted::models
