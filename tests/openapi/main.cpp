// The OpenAPI documents of the daemons that have an API: `openapi write DIR` makes DIR/<service>.json, `openapi check
// DIR` compares them with the route tables.
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "apigw/routes.hpp"
#include "http/openapi.hpp"
#include "mqreader/routes.hpp"
#include "mqwriter/routes.hpp"
#include "service/health.hpp"

namespace {

using namespace prompted;

struct Document {
  std::string name;
  std::string text;
};

/// In the order in which a daemon adds its routes (libs/service/daemon.cpp).
Document document(const std::string& service, void (*add_routes)(http::Router&), const http::Api& api) {
  http::Router router;
  service::Health::add_routes(router, nullptr);
  add_routes(router);
  return {service + ".json", http::openapi(api, router.routes())};
}

std::vector<Document> documents() {
  return {document("apigw", apigw::document, apigw::api()), document("mqwriter", mqwriter::document, mqwriter::api()),
          document("mqreader", mqreader::document, mqreader::api())};
}

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

int write(const std::string& directory) {
  int status = 0;
  for (const Document& made : documents()) {
    const std::string path = directory + "/" + made.name;
    if (read_file(path) == made.text) continue;
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << made.text;
    file.close();
    if (!file) std::cerr << "openapi: cannot write " << path << "\n";
    status |= file ? 0 : 1;
  }
  return status;
}

std::size_t line_of_first_difference(const std::string& a, const std::string& b) {
  std::size_t line = 1;
  for (std::size_t i = 0; i < a.size() && i < b.size() && a[i] == b[i]; ++i) line += a[i] == '\n' ? 1 : 0;
  return line;
}

int check(const std::string& directory) {
  int status = 0;
  for (const Document& made : documents()) {
    const auto kept = read_file(directory + "/" + made.name);
    if (kept == made.text) continue;
    status = 1;
    std::cerr << "docs/openapi/" << made.name << (kept ? " differs from the code" : " is missing");
    if (kept) std::cerr << " from line " << line_of_first_difference(*kept, made.text);
    std::cerr << ": run make swagger\n";
  }
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() == 2 && arguments[0] == "write") return write(arguments[1]);
  if (arguments.size() == 2 && arguments[0] == "check") return check(arguments[1]);
  std::cerr << "usage: openapi write DIR | check DIR\n";
  return 2;
}
