#pragma once
// What the OpenAPI document says about a route (OpenAPI 3.0.3, Operation Object). Schemas and examples are JSON texts.
#include <optional>
#include <string>
#include <vector>

#include "http/parameter.hpp"

namespace prompted::http {

/// A body of one content type. `schema` may refer to a component of the Api: ref("Gpu").
struct BodyDoc {
  std::string content_type = "application/json";
  std::string schema;
  std::string example = {};  ///< JSON, or for other types the text itself; "" shows none
};

/// `{"$ref":"#/components/schemas/<name>"}`
std::string ref(std::string_view name);

struct HeaderDoc {
  std::string name;
  std::string description;
};

/// One response other than a problem.
struct ResponseDoc {
  int status = 200;
  std::string description;
  std::vector<BodyDoc> bodies;  ///< one per content type; empty if the response has no body
  std::vector<HeaderDoc> headers = {};
};

/// A route without an id is left out of the document.
struct Operation {
  std::string id;  ///< "listGpus", unique
  std::string tag;
  std::string summary;
  std::string description = {};  ///< Markdown
  std::vector<ParameterDoc> parameters = {};
  std::optional<BodyDoc> body = {};
  std::vector<ResponseDoc> responses = {};
  /// Statuses with problem details, in addition to those of every operation: 400, 413, 421, 431, 500, 503, and 403 if
  /// it can change something.
  std::vector<int> problems = {};
};

}  // namespace prompted::http
