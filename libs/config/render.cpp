#include "config/render.hpp"

#include <algorithm>

namespace prompted::config {
namespace {

/// A declaration and the services that share it word for word.
struct Row {
  const Option* option;
  std::vector<std::string> services;
};

bool same(const Option& a, const Option& b) {
  return a.text.name == b.text.name && a.text.default_text == b.text.default_text && a.text.help == b.text.help &&
         a.type == b.type;
}

/// All rows in declaration order, those with the same name adjacent.
std::vector<Row> collect_rows(const std::vector<const Schema*>& schemas) {
  std::vector<Row> rows;
  for (const Schema* schema : schemas) {
    for (const Option& option : schema->options()) {
      const auto said =
          std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return same(*row.option, option); });
      if (said != rows.end()) {
        said->services.push_back(schema->service());
        continue;
      }
      const auto last = std::find_if(rows.rbegin(), rows.rend(),
                                     [&](const Row& row) { return row.option->text.name == option.text.name; });
      rows.insert(last == rows.rend() ? rows.end() : last.base(), Row{&option, {schema->service()}});
    }
  }
  return rows;
}

/// True if services have this name with different defaults, since all of them would read the line.
bool differs_by_service(const std::vector<Row>& rows, const Row& row) {
  return std::any_of(rows.begin(), rows.end(), [&](const Row& other) {
    return other.option->text.name == row.option->text.name &&
           other.option->text.default_text != row.option->text.default_text;
  });
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string escape_pipes(const std::string& text) {
  std::string out;
  for (char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

/// Secrets and options with an empty default show only the variable's name.
std::string env_lines(const Option& option, bool commented) {
  const std::string shown = option.secret ? "" : option.text.default_text;
  std::string lines = "# " + option.text.help + " (" + option.type + (option.secret ? ", secret)\n" : ")\n");
  if (commented || shown.empty()) lines += "# ";
  return lines + option.text.name + "=" + shown + "\n";
}

std::string markdown_default(const Option& option) {
  if (option.secret) return "(secret)";
  return option.text.default_text.empty() ? "" : "`" + escape_pipes(option.text.default_text) + "`";
}

}  // namespace

std::string render_env_example(const std::vector<const Schema*>& schemas) {
  const std::vector<Row> rows = collect_rows(schemas);
  std::string out =
      "# Generated from the daemons' option declarations. An empty variable counts as unset.\n"
      "# A variable is commented out if its default differs by service, if it has no default, or if it is secret.\n\n"
      "# --- shared ---\n";
  for (const Row& row : rows) {
    const bool differs = differs_by_service(rows, row);
    if (row.services.size() > 1 && !differs) out += env_lines(*row.option, false);
  }
  for (const Schema* schema : schemas) {
    out += "\n# --- " + schema->service() + " ---\n";
    for (const Row& row : rows) {
      const bool differs = differs_by_service(rows, row);
      const bool ours = std::count(row.services.begin(), row.services.end(), schema->service()) > 0;
      if (ours && (row.services.size() == 1 || differs)) out += env_lines(*row.option, differs);
    }
  }
  return out;
}

std::string render_markdown(const std::vector<const Schema*>& schemas) {
  std::string out = "| Variable | Default | Service | Description |\n|---|---|---|---|\n";
  for (const Row& row : collect_rows(schemas)) {
    const Option& option = *row.option;
    const bool all = row.services.size() == schemas.size() && schemas.size() > 1;
    out += "| `" + option.text.name + "` | " + markdown_default(option) + " | " +
           (all ? std::string("all") : joined(row.services)) + " | " +
           escape_pipes(option.text.help + " (" + option.type + ")") + " |\n";
  }
  return out;
}

}  // namespace prompted::config
