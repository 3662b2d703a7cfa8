#pragma once
// The OpenAPI 3.0.3 document of a route table: nothing is written twice, so it cannot differ from what is served.
#include <string>
#include <utility>
#include <vector>

#include "http/router.hpp"

namespace prompted::http {

/// What routes do not say.
struct Api {
  std::string title;
  std::string description;                                      ///< Markdown
  std::vector<std::pair<std::string, std::string>> tags;        ///< name and description, in their order on the page
  std::vector<std::pair<std::string, std::string>> components;  ///< name and JSON schema; Problem is added
};

/// Indented JSON with a newline at its end. The same routes always give the same text. Throws std::logic_error for a
/// schema or example that is no JSON, a $ref to no component, a repeated operation id, a parameter declared twice, or a
/// {name} in a path that no parameter declares.
std::string openapi(const Api& api, const std::vector<Route>& routes);

}  // namespace prompted::http
