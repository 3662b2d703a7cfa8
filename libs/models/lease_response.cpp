#include "models/lease_response.hpp"

#include <simdjson.h>

#include <cmath>
#include <cstdlib>

#include "base/error.hpp"
#include "base/json.hpp"

namespace prompted::models {

namespace {

using simdjson::dom::element;

bool of_number(char c) { return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E'; }

std::size_t string_end(std::string_view body, std::size_t at) {
  for (++at; at < body.size() && body[at] != '"'; ++at) {
    if (body[at] == '\\') ++at;
  }
  return std::min(at + 1, body.size());
}

/// Whether a number may have too many digits for a 64-bit integer, or is too large for a double.
bool is_beyond_the_parser(const std::string& number) {
  constexpr std::size_t digits_of_int64 = 18;
  const bool whole = number.find_first_of(".eE") == std::string::npos;
  return (whole && number.size() > digits_of_int64) || std::isinf(std::strtod(number.c_str(), nullptr));
}

/// jsonb keeps numbers of any size (1e400), and the parser rejects a whole text because of one. As strings they reach
/// the field's check, so only their message is rejected.
std::string quote_large_numbers(std::string_view body) {
  std::string out;
  out.reserve(body.size() + 64);
  for (std::size_t at = 0; at < body.size();) {
    std::size_t end = at + 1;
    if (body[at] == '"') {
      end = string_end(body, at);
    } else if (of_number(body[at])) {
      while (end < body.size() && of_number(body[end])) ++end;
    }
    const std::string token(body.substr(at, end - at));
    const bool quote = token[0] != '"' && of_number(token[0]) && is_beyond_the_parser(token);
    out += quote ? '"' + token + '"' : token;
    at = end;
  }
  return out;
}

element parse(simdjson::dom::parser& parser, std::string_view body) {
  element root;
  auto error = parser.parse(body.data(), body.size()).get(root);
  // The error for such a number depends on simdjson's version: NUMBER_ERROR, since 3.7 BIGINT_ERROR.
  if (error != simdjson::SUCCESS) error = parser.parse(quote_large_numbers(body)).get(root);
  if (error != simdjson::SUCCESS) throw base::invalid(std::string("lease response: ") + simdjson::error_message(error));
  return root;
}

std::string name_of(std::size_t index) { return "messages[" + std::to_string(index) + "]"; }

base::Uuid uuid_of(const element& message, std::size_t index) {
  std::string_view text;
  if (message["msg_uuid"].get(text) != simdjson::SUCCESS)
    throw base::invalid(name_of(index) + ".msg_uuid: is required");
  const auto uuid = base::parse_uuid(text);
  if (!uuid) throw base::invalid(name_of(index) + ".msg_uuid: must be a UUID");
  return *uuid;
}

void read_message(LeaseResponse& response, const element& message, std::size_t index) {
  if (!message.is_object()) throw base::invalid(name_of(index) + ": must be an object");
  const base::Uuid uuid = uuid_of(message, index);
  try {
    element payload;
    if (message["payload"].get(payload) != simdjson::SUCCESS) throw base::invalid("payload: is required");
    response.rows.push_back(parse_telemetry_row(uuid, payload));
  } catch (const base::Error& error) {
    response.poison.emplace_back(uuid, error.what());
  }
}

LeaseResponse read_response(const element& body) {
  if (!body.is_object()) throw base::invalid("lease response: must be an object");
  LeaseResponse response;
  std::string_view id;
  if (body["lease_id"].get(id) == simdjson::SUCCESS) response.lease_id = id;
  element messages;
  // The earlier reader wrote null for an empty list.
  if (body["messages"].get(messages) != simdjson::SUCCESS || messages.is_null()) return response;
  simdjson::dom::array array;
  if (messages.get(array) != simdjson::SUCCESS) throw base::invalid("messages: must be an array");
  response.rows.reserve(array.size());
  std::size_t index = 0;
  for (const element message : array) read_message(response, message, index++);
  if (response.messages() > 0 && response.lease_id.empty()) throw base::invalid("lease_id: is required");
  return response;
}

/// Starts an object with the members common to all requests about a lease.
base::JsonObject about_lease(std::string& out, std::string_view topic, std::string_view consumer_id,
                             std::string_view lease_id) {
  base::JsonObject body(out);
  body.text("topic", topic);
  body.text("consumer_id", consumer_id);
  body.text("lease_id", lease_id);
  return body;
}

void add_uuids(base::JsonObject& body, const std::vector<base::Uuid>& uuids) {
  if (uuids.empty()) return;
  auto list = body.array("msg_uuids");
  for (const base::Uuid& uuid : uuids) list.uuid(uuid);
  list.end();
}

}  // namespace

LeaseResponse parse_lease_response(std::string_view body) {
  simdjson::dom::parser parser;
  return read_response(parse(parser, body));
}

std::string lease_body(std::string_view topic, std::string_view consumer_id, std::int64_t max,
                       std::int64_t lease_seconds, std::chrono::milliseconds wait) {
  std::string out;
  base::JsonObject body(out);
  body.text("topic", topic);
  body.text("consumer_id", consumer_id);
  body.number("max", max);
  body.number("lease_seconds", lease_seconds);
  body.number("wait_ms", wait.count());
  body.end();
  return out;
}

std::string ack_body(std::string_view topic, std::string_view consumer_id, std::string_view lease_id,
                     const std::vector<base::Uuid>& uuids) {
  std::string out;
  auto body = about_lease(out, topic, consumer_id, lease_id);
  add_uuids(body, uuids);
  body.end();
  return out;
}

std::string nack_body(std::string_view topic, std::string_view consumer_id, std::string_view lease_id,
                      const std::vector<base::Uuid>& uuids, const NackVerdict& verdict) {
  std::string out;
  auto body = about_lease(out, topic, consumer_id, lease_id);
  add_uuids(body, uuids);
  body.text("reason", verdict.reason);
  if (verdict.dead) body.raw("dead", "true");
  if (verdict.in_history) body.raw("in_history", "true");
  body.end();
  return out;
}

std::string extend_body(std::string_view topic, std::string_view consumer_id, std::string_view lease_id,
                        std::int64_t lease_seconds) {
  std::string out;
  auto body = about_lease(out, topic, consumer_id, lease_id);
  body.number("lease_seconds", lease_seconds);
  body.end();
  return out;
}

}  // namespace prompted::models
