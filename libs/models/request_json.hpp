#pragma once
// Inside libs/models: the members of a request's object, with one text for each way in which they can be wrong.
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/uuid.hpp"

namespace prompted::models {

/// Throws base::Error(invalid): `invalid JSON: …`.
nlohmann::json parse_object(std::string_view body);
/// nullptr when it is absent or null, which clients use alike.
const nlohmann::json* member(const nlohmann::json& object, const char* name);
/// `name what`
base::Error bad(const char* name, const std::string& what);

/// "" when absent.
std::string text(const nlohmann::json& object, const char* name);
std::string required_text(const nlohmann::json& object, const char* name);
bool boolean(const nlohmann::json& object, const char* name);
std::optional<std::vector<base::Uuid>> uuid_list(const nlohmann::json& object, const char* name);

}  // namespace prompted::models
