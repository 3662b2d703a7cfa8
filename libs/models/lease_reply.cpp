#include "models/lease_reply.hpp"

#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/json.hpp"

namespace prompted::models {

namespace {

using nlohmann::json;

constexpr int number_overflow = 406;  // nlohmann's error id (json.hpp: "number overflow parsing")

bool of_number(char c) { return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E'; }

std::size_t string_end(std::string_view body, std::size_t at) {
  for (++at; at < body.size() && body[at] != '"'; ++at) {
    if (body[at] == '\\') ++at;
  }
  return std::min(at + 1, body.size());
}

/// jsonb keeps numbers that no double holds (1e400), and the parser refuses a text with one. Written as strings they
/// reach the field's own check, so only their message is rejected.
std::string quote_overflowing_numbers(std::string_view body) {
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
    const bool overflows = token[0] != '"' && of_number(token[0]) && std::isinf(std::strtod(token.c_str(), nullptr));
    out += overflows ? '"' + token + '"' : token;
    at = end;
  }
  return out;
}

json parse(std::string_view body) {
  try {
    return json::parse(body);
  } catch (const json::out_of_range& error) {
    if (error.id != number_overflow) throw;
  }
  return json::parse(quote_overflowing_numbers(body));
}

std::string name_of(std::size_t index) { return "messages[" + std::to_string(index) + "]"; }

base::Uuid uuid_of(const json& message, std::size_t index) {
  const auto found = message.find("msg_uuid");
  if (found == message.end() || !found->is_string()) throw base::invalid(name_of(index) + ".msg_uuid: is required");
  const auto uuid = base::parse_uuid(found->get_ref<const std::string&>());
  if (!uuid) throw base::invalid(name_of(index) + ".msg_uuid: must be a UUID");
  return *uuid;
}

void read_message(LeaseReply& reply, const json& message, std::size_t index) {
  if (!message.is_object()) throw base::invalid(name_of(index) + ": must be an object");
  const base::Uuid uuid = uuid_of(message, index);
  const auto payload = message.find("payload");
  try {
    if (payload == message.end()) throw base::invalid("payload: is required");
    reply.rows.push_back(parse_telemetry_row(uuid, *payload));
  } catch (const base::Error& error) {
    reply.poison.emplace_back(uuid, error.what());
  }
}

LeaseReply read_reply(const json& body) {
  if (!body.is_object()) throw base::invalid("lease reply: must be an object");
  LeaseReply reply;
  const auto id = body.find("lease_id");
  if (id != body.end() && id->is_string()) reply.lease_id = id->get<std::string>();
  const auto messages = body.find("messages");
  // The earlier reader wrote null for an empty list.
  if (messages == body.end() || messages->is_null()) return reply;
  if (!messages->is_array()) throw base::invalid("messages: must be an array");
  reply.rows.reserve(messages->size());
  for (std::size_t i = 0; i < messages->size(); ++i) read_message(reply, (*messages)[i], i);
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
  try {
    return read_reply(parse(body));
  } catch (const json::exception& error) {
    throw base::invalid(std::string("lease reply: ") + error.what());
  }
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

std::string nack_dead_body(std::string_view topic, std::string_view consumer_id, std::string_view lease_id,
                           const std::vector<base::Uuid>& uuids, std::string_view reason) {
  std::string out = of_lease(topic, consumer_id, lease_id);
  append_uuids(out, uuids);
  append_member(out, "reason", reason);
  return out + ",\"dead\":true}";
}

std::string extend_body(std::string_view topic, std::string_view consumer_id, std::string_view lease_id,
                        std::int64_t lease_seconds) {
  std::string out = of_lease(topic, consumer_id, lease_id);
  append_member(out, "lease_seconds", lease_seconds);
  return out + '}';
}

}  // namespace prompted::models
