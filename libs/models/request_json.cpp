#include "models/request_json.hpp"

#include <nlohmann/json.hpp>

#include "models/invalid_json.hpp"

namespace prompted::models {

using nlohmann::json;

json parse_object(std::string_view body) {
  try {
    json parsed = json::parse(body.begin(), body.end());
    if (has_nul_byte(body)) throw invalid_json("a NUL byte after the body's object");
    if (!parsed.is_object()) throw invalid_json("the body must be an object");
    return parsed;
  } catch (const json::exception& error) {
    throw invalid_json(error.what());
  }
}

const json* member(const json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

base::Error bad(const char* name, const std::string& what) { return base::invalid(name + (" " + what)); }

std::string text(const json& object, const char* name) {
  const json* value = member(object, name);
  if (value == nullptr) return {};
  if (!value->is_string()) throw bad(name, "must be a string");
  const auto& found = value->get_ref<const std::string&>();
  if (has_nul_byte(found)) throw bad(name, "must not contain a NUL character");  // PostgreSQL's text has none
  return found;
}

std::string required_text(const json& object, const char* name) {
  std::string found = text(object, name);
  if (found.empty()) throw bad(name, "is required");
  return found;
}

bool boolean(const json& object, const char* name) {
  const json* value = member(object, name);
  if (value == nullptr) return false;
  if (!value->is_boolean()) throw bad(name, "must be a boolean");
  return value->get<bool>();
}

std::optional<std::vector<base::Uuid>> uuid_list(const json& object, const char* name) {
  const json* value = member(object, name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_array()) throw bad(name, "must be an array");
  std::vector<base::Uuid> uuids;
  uuids.reserve(value->size());
  for (const json& element : *value) {
    const auto uuid = element.is_string() ? base::parse_uuid(element.get_ref<const std::string&>()) : std::nullopt;
    if (!uuid) throw base::invalid(name + ("[" + std::to_string(uuids.size()) + "]: must be a UUID"));
    uuids.push_back(*uuid);
  }
  return uuids;
}

}  // namespace prompted::models
