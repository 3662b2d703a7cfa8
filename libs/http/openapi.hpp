#pragma once
// Generates the OpenAPI 3.0.3 document from a route table, so it cannot differ from what is served.
#include <string>
#include <utility>
#include <vector>

#include "http/router.hpp"

namespace prompted::http {

/// The parts of the document that routes do not provide.
struct Api {
  std::string title;
  std::string description;                                      ///< Markdown
  std::vector<std::pair<std::string, std::string>> tags;        ///< name and description, in page order
  std::vector<std::pair<std::string, std::string>> components;  ///< name and JSON schema; Problem is added
};

/// The document as indented JSON with a final newline, the same text for the same routes. Throws std::logic_error for a
/// schema or example that is not JSON, a $ref to an unknown component, a duplicate operation id or parameter, or a
/// {name} in a path that no parameter declares.
std::string openapi(const Api& api, const std::vector<Route>& routes);

}  // namespace prompted::http
