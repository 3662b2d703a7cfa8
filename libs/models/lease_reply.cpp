#include "models/lease_reply.hpp"

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

/// More digits than any 64-bit integer has, or more than a double holds.
bool is_beyond_the_parser(const std::string& number) {
  constexpr std::size_t digits_of_int64 = 18;
  const bool whole = number.find_first_of(".eE") == std::string::npos;
  return (whole && number.size() > digits_of_int64) || std::isinf(std::strtod(number.c_str(), nullptr));
}

/// jsonb keeps numbers of any size (1e400), and the parser refuses a text with one. Written as strings they reach the
/// field's own check, so only their message is rejected.
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
  // Which error a number gives depends on the version: NUMBER_ERROR, since 3.7 BIGINT_ERROR.
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

void read_message(LeaseReply& reply, const element& message, std::size_t index) {
  if (!message.is_object()) throw base::invalid(name_of(index) + ": must be an object");
  const base::Uuid uuid = uuid_of(message, index);
  try {
    element payload;
    if (message["payload"].get(payload) != simdjson::SUCCESS) throw base::invalid("payload: is required");
    reply.rows.push_back(parse_telemetry_row(uuid, payload));
  } catch (const base::Error& error) {
    reply.poison.emplace_back(uuid, error.what());
  }
}

LeaseReply read_reply(const element& body) {
  if (!body.is_object()) throw base::invalid("lease response: must be an object");
  LeaseReply reply;
  std::string_view id;
  if (body["lease_id"].get(id) == simdjson::SUCCESS) reply.lease_id = id;
  element messages;
  // The earlier reader wrote null for an empty list.
  if (body["messages"].get(messages) != simdjson::SUCCESS || messages.is_null()) return reply;
  simdjson::dom::array array;
  if (messages.get(array) != simdjson::SUCCESS) throw base::invalid("messages: must be an array");
  reply.rows.reserve(array.size());
  std::size_t index = 0;
  for (const element message : array) read_message(reply, message, index++);
  if (reply.messages() > 0 && reply.lease_id.empty()) throw base::invalid("lease_id: is required");
  return reply;
}

void append_member(std::string& out, std::string_view name, std::string_view value) {
  out += out.empty() ? '{' : ',';
  base::append_json_string(out, name);
  out += ':';
  base::append_json_string(out, value);
}

void append_member(std::string& out, std::string_view name, std::int64_t value) {
  out += ',';
  base::append_json_string(out, name);
  out += ':' + std::to_string(value);
}

std::string consumer(std::string_view topic, std::string_view consumer_id) {
  std::string out;
  append_member(out, "topic", topic);
  append_member(out, "consumer_id", consumer_id);
  return out;
}

std::string of_lease(std::string_view topic, std::string_view consumer_id, std::string_view lease_id) {
  std::string out = consumer(topic, consumer_id);
  append_member(out, "lease_id", lease_id);
  return out;
}

void append_uuids(std::string& out, const std::vector<base::Uuid>& uuids) {
  if (uuids.empty()) return;
  out += ",\"msg_uuids\":[";
  for (std::size_t i = 0; i < uuids.size(); ++i) {
    out += i == 0 ? "\"" : ",\"";
    base::append_uuid(out, uuids[i]);
    out += '"';
  }
  out += ']';
}

}  // namespace

LeaseReply parse_lease_reply(std::string_view body) {
  simdjson::dom::parser parser;
  return read_reply(parse(parser, body));
}

std::string lease_body(std::string_view topic, std::string_view consumer_id, std::int64_t max,
                       std::int64_t lease_seconds, std::chrono::milliseconds wait) {
  std::string out = consumer(topic, consumer_id);
  append_member(out, "max", max);
  append_member(out, "lease_seconds", lease_seconds);
  append_member(out, "wait_ms", wait.count());
  return out + '}';
}

std::string ack_body(std::string_view topic, std::string_view consumer_id, std::string_view lease_id,
                     const std::vector<base::Uuid>& uuids) {
  std::string out = of_lease(topic, consumer_id, lease_id);
  append_uuids(out, uuids);
  return out + '}';
}

std::string nack_body(std::string_view topic, std::string_view consumer_id, std::string_view lease_id,
                      const std::vector<base::Uuid>& uuids, const NackVerdict& verdict) {
  std::string out = of_lease(topic, consumer_id, lease_id);
  append_uuids(out, uuids);
  append_member(out, "reason", verdict.reason);
  if (verdict.dead) out += ",\"dead\":true";
  if (verdict.in_history) out += ",\"in_history\":true";
  return out + '}';
}

std::string extend_body(std::string_view topic, std::string_view consumer_id, std::string_view lease_id,
                        std::int64_t lease_seconds) {
  std::string out = of_lease(topic, consumer_id, lease_id);
  append_member(out, "lease_seconds", lease_seconds);
  return out + '}';
}

}  // namespace prompted::models
