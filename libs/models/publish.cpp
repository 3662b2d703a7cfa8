#include "models/publish.hpp"

#include <nlohmann/json.hpp>

#include "base/json.hpp"
#include "models/invalid_json.hpp"
#include "models/publish_events.hpp"

namespace prompted::models {

PublishRequest scan_publish(std::string_view body) {
  PublishEvents events(body.data());
  const CountingIterator begin(body.data(), events.position());
  const CountingIterator end(body.data() + body.size(), events.position());
  if (nlohmann::json::sax_parse(begin, end, &events) && has_nul_byte(body)) {
    throw invalid_json("a NUL byte after the body's object");
  }
  return events.finish();
}

std::string publish_response(std::size_t accepted, std::size_t duplicates) {
  return R"({"accepted":)" + std::to_string(accepted) + R"(,"duplicates":)" + std::to_string(duplicates) + "}";
}

std::string publish_body(std::string_view topic, const std::vector<std::string>& rows) {
  std::size_t size = topic.size() + 64;
  for (const std::string& row : rows) size += row.size() + 1;
  std::string body;
  body.reserve(size);
  base::JsonObject object(body);
  object.text("topic", topic);
  auto messages = object.array("messages");
  for (const std::string& row : rows) messages.raw(row);
  messages.end();
  object.end();
  return body;
}

}  // namespace prompted::models
