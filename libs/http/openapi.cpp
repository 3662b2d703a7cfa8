#include "http/openapi.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

#include "base/text.hpp"
#include "http/problem.hpp"
#include "http/text.hpp"

namespace prompted::http {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view api_version =
    "1.0.0";  // of the wire formats, not of a build: the document must not change with commits
constexpr std::string_view problem_schema = R"({
  "type": "object",
  "description": "RFC 9457 problem details, with `error` for clients of the earlier system",
  "required": ["type", "title", "status", "detail", "error"],
  "properties": {
    "type": {"type": "string"},
    "title": {"type": "string"},
    "status": {"type": "integer"},
    "detail": {"type": "string"},
    "error": {"type": "string", "description": "The same text as `detail`"}
  }
})";

ordered_json parsed(const std::string& where, std::string_view text) {
  ordered_json value = ordered_json::parse(text, nullptr, false);
  if (value.is_discarded()) throw std::logic_error(where + ": not JSON: " + std::string(text));
  return value;
}

std::string_view place_name(ParameterPlace place) {
  switch (place) {
    case ParameterPlace::path:
      return "path";
    case ParameterPlace::query:
      return "query";
    case ParameterPlace::header:
      break;
  }
  return "header";
}

/// Converts an example, written as in a URL, to the schema's type.
ordered_json example_of(const ParameterDoc& doc, const ordered_json& schema) {
  const std::string type = schema.value("type", "string");
  if (type == "string") return doc.text.example;
  return parsed(doc.text.name, doc.text.example);
}

ordered_json parameter_json(const ParameterDoc& doc) {
  ordered_json out;
  out["name"] = doc.text.name;
  out["in"] = place_name(doc.place);
  out["description"] = doc.text.description;
  if (doc.place == ParameterPlace::path) out["required"] = true;
  const ordered_json schema = parsed(doc.text.name, doc.schema);
  if (doc.repeated) out["schema"] = {{"type", "array"}, {"maxItems", doc.most}, {"items", schema}};
  else out["schema"] = schema;
  if (doc.text.example.empty()) return out;
  const ordered_json example = example_of(doc, schema);
  out["example"] = doc.repeated ? ordered_json::array({example}) : example;
  return out;
}

ordered_json body_json(const std::string& where, const BodyDoc& body) {
  ordered_json out;
  out["schema"] = parsed(where, body.schema);
  if (body.example.empty()) return out;
  const bool json = body.content_type.ends_with("json") && !body.content_type.ends_with("ndjson");
  out["example"] = json ? parsed(where, body.example) : ordered_json(body.example);
  return out;
}

ordered_json response_json(const std::string& where, const ResponseDoc& response) {
  ordered_json out;
  out["description"] = response.description;
  for (const HeaderDoc& header : response.headers) {
    out["headers"][header.name] = {{"description", header.description}, {"schema", {{"type", "string"}}}};
  }
  for (const BodyDoc& body : response.bodies) out["content"][body.content_type] = body_json(where, body);
  return out;
}

/// A typical detail for the status.
std::string_view problem_example(int status) {
  switch (status) {
    case 400:
      return "invalid start_time: must be an RFC 3339 date-time such as 2026-01-31T12:00:00Z";
    case 403:
      return "requests from pages of other sites are rejected";
    case 404:
      return "unknown GPU";
    case 409:
      return "the lease is gone";
    case 413:
      return "the body is larger than 1048576 bytes";
    case 421:
      return "the host other.example is not allowed: add it to ALLOWED_HOSTS";
    case 431:
      return "the request's header is too large";
    case 503:
      return "database is not reachable";
    default:
      return "internal error";
  }
}

ordered_json problem_json(int status) {
  ordered_json out;
  out["description"] = reason(status);
  if (status == 503)
    out["headers"]["Retry-After"] = {{"description", "Seconds to wait before retrying"},
                                     {"schema", {{"type", "integer"}}}};
  ordered_json& content = out["content"]["application/problem+json"];
  content["schema"]["$ref"] = "#/components/schemas/Problem";
  const std::string_view detail = problem_example(status);
  content["example"] = {
      {"type", "about:blank"}, {"title", reason(status)}, {"status", status}, {"detail", detail}, {"error", detail}};
  return out;
}

ordered_json operation_json(const Route& route) {
  const Operation& operation = route.operation;
  ordered_json out;
  out["operationId"] = operation.id;
  out["tags"] = ordered_json::array({operation.tag});
  out["summary"] = operation.summary;
  if (!operation.description.empty()) out["description"] = operation.description;
  for (const ParameterDoc& doc : operation.parameters) out["parameters"].push_back(parameter_json(doc));
  if (operation.body) {
    out["requestBody"]["required"] = true;
    out["requestBody"]["content"][operation.body->content_type] = body_json(operation.id, *operation.body);
  }
  for (const ResponseDoc& response : operation.responses) {
    out["responses"][std::to_string(response.status)] = response_json(operation.id, response);
  }
  std::set<int> problems{400, 413, 421, 431, 500, 503};
  if (route.method != Method::get) problems.insert(403);
  problems.insert(operation.problems.begin(), operation.problems.end());
  for (const int status : problems) {
    ordered_json& slot = out["responses"][std::to_string(status)];
    if (slot.is_null()) slot = problem_json(status);  // readyz documents its own 503
  }
  return out;
}

/// Checks that the {name}s of a path and its declared path parameters are the same.
void check_path(const Route& route) {
  std::size_t declared = 0;
  for (const ParameterDoc& doc : route.operation.parameters) {
    if (doc.place != ParameterPlace::path) continue;
    ++declared;
    if (route.pattern.find('{' + doc.text.name + '}') == std::string::npos) {
      throw std::logic_error(route.pattern + " has no {" + doc.text.name + "}");
    }
  }
  const auto braces = std::count(route.pattern.begin(), route.pattern.end(), '{');
  if (static_cast<std::size_t>(braces) != declared) throw std::logic_error(route.pattern + ": undeclared parameter");
}

/// Place and name identify a parameter; header names are case-insensitive.
void check_parameters(const Operation& operation) {
  const auto& all = operation.parameters;
  for (auto doc = all.begin(); doc != all.end(); ++doc) {
    const auto same = [doc](const ParameterDoc& other) {
      return other.place == doc->place && same_without_case(other.text.name, doc->text.name);
    };
    if (std::any_of(all.begin(), doc, same)) throw std::logic_error(operation.id + ": twice: " + doc->text.name);
  }
}

/// Checks that every $ref names a component.
void check_refs(const ordered_json& node, const ordered_json& schemas) {
  if (!node.is_structured()) return;
  if (node.is_object() && node.contains("$ref")) {
    const std::string target = node["$ref"];
    constexpr std::string_view place = "#/components/schemas/";
    const bool known = target.starts_with(place) && schemas.contains(target.substr(place.size()));
    if (!known) throw std::logic_error("$ref to nothing: " + target);
  }
  for (const auto& child : node) check_refs(child, schemas);
}

ordered_json paths_json(const std::vector<Route>& routes) {
  ordered_json paths = ordered_json::object();
  std::set<std::string> ids;
  for (const Route& route : routes) {
    if (route.operation.id.empty()) continue;
    if (!ids.insert(route.operation.id).second) throw std::logic_error("operation id twice: " + route.operation.id);
    check_path(route);
    check_parameters(route.operation);
    paths[route.pattern][base::lower(to_string(route.method))] = operation_json(route);
  }
  return paths;
}

}  // namespace

std::string ref(std::string_view name) { return R"({"$ref":"#/components/schemas/)" + std::string(name) + "\"}"; }

std::string openapi(const Api& api, const std::vector<Route>& routes) {
  ordered_json document;
  document["openapi"] = "3.0.3";
  document["info"] = {{"title", api.title}, {"description", api.description}, {"version", api_version}};
  document["servers"] = ordered_json::array({{{"url", "/"}}});
  document["tags"] = ordered_json::array();
  for (const auto& [name, text] : api.tags) document["tags"].push_back({{"name", name}, {"description", text}});
  document["paths"] = paths_json(routes);
  for (const auto& [name, schema] : api.components) document["components"]["schemas"][name] = parsed(name, schema);
  document["components"]["schemas"]["Problem"] = parsed("Problem", problem_schema);
  check_refs(document, document["components"]["schemas"]);
  return document.dump(2) + "\n";
}

}  // namespace prompted::http
