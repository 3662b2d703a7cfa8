// Renders the five daemons' declared options: `settings env | markdown | check <root> | write <root>`.
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apigw/config.hpp"
#include "collector/config.hpp"
#include "config/render.hpp"
#include "mqreader/config.hpp"
#include "mqwriter/config.hpp"
#include "streamer/config.hpp"

namespace {

using prompted::config::Schema;

constexpr std::string_view table_begin = "<!-- settings -->";
constexpr std::string_view table_end = "<!-- /settings -->";

struct Schemas {
  Schemas() {
    prompted::apigw::declare(apigw, apigw_config);
    prompted::streamer::declare(streamer, streamer_config);
    prompted::collector::declare(collector, collector_config);
    prompted::mqwriter::declare(mqwriter, mqwriter_config);
    prompted::mqreader::declare(mqreader, mqreader_config);
  }
  std::vector<const Schema*> all() const { return {&apigw, &streamer, &collector, &mqwriter, &mqreader}; }

  prompted::apigw::Config apigw_config;
  prompted::streamer::Config streamer_config;
  prompted::collector::Config collector_config;
  prompted::mqwriter::Config mqwriter_config;
  prompted::mqreader::Config mqreader_config;
  Schema apigw{"apigw", ""};
  Schema streamer{"streamer", ""};
  Schema collector{"collector", ""};
  Schema mqwriter{"mqwriter", ""};
  Schema mqreader{"mqreader", ""};
};

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

bool write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file) std::cerr << "settings: cannot write " << path << "\n";
  return static_cast<bool>(file);
}

// The page with `table` between the marks; nullopt when the marks are not there.
std::optional<std::string> with_table(const std::string& page, const std::string& table) {
  const auto begin = page.find(table_begin);
  const auto end = page.find(table_end);
  if (begin == std::string::npos || end == std::string::npos || end < begin) return std::nullopt;
  return page.substr(0, begin + table_begin.size()) + "\n" + table + page.substr(end);
}

std::string as_block(std::string text) {
  if (!text.ends_with('\n')) text.push_back('\n');
  return text;
}

bool no_marks(const std::string& path) {
  std::cerr << "settings: " << path << " has no " << table_begin << " … " << table_end << "\n";
  return false;
}

bool check(const std::string& path, const std::optional<std::string>& wanted) {
  if (!wanted) return no_marks(path);
  if (read_file(path) == wanted) return true;
  std::cerr << "settings: " << path << " is not what the declared options say; run `settings write <root>`\n";
  return false;
}

bool rewrite(const std::string& path, const std::optional<std::string>& wanted) {
  if (!wanted) return no_marks(path);
  return read_file(path) == wanted || write_file(path, *wanted);
}

}  // namespace

int main(int argc, char** argv) {
  const Schemas schemas;
  const std::string env = as_block(prompted::config::render_env_example(schemas.all()));
  const std::string table = as_block(prompted::config::render_markdown(schemas.all()));
  const std::string command = argc > 1 ? argv[1] : "";
  if (argc == 2 && command == "env") return (std::cout << env) ? 0 : 1;
  if (argc == 2 && command == "markdown") return (std::cout << table) ? 0 : 1;
  if (argc == 3 && (command == "check" || command == "write")) {
    const std::string root = argv[2];
    const std::string env_path = root + "/.env.example";
    const std::string page_path = root + "/docs/configuration.md";
    const auto page = with_table(read_file(page_path).value_or(""), table);
    const auto act = command == "check" ? check : rewrite;
    const bool env_good = act(env_path, env);
    const bool page_good = act(page_path, page);
    return env_good && page_good ? 0 : 1;
  }
  std::cerr << "usage: settings env | markdown | check <root> | write <root>\n";
  return 2;
}
