// Flags over environment over defaults. The only file that includes CLI11 or calls getenv.
#include <CLI/CLI.hpp>
#include <cstdlib>
#include <map>
#include <ostream>
#include <stdexcept>

#include "config/flag.hpp"
#include "config/version.hpp"

namespace prompted::config {
namespace {

/// An error for the user; load() prints it after the service's name.
struct BadSetting : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct CommandLine {
  std::map<std::string, std::string> values;  ///< by variable
  bool help = false;
  bool version = false;
  bool healthcheck = false;
};

/// Never echoes a value: it may be a secret passed as if there were a flag for it.
[[noreturn]] void refuse(const Schema& schema, const std::string& argument) {
  if (!argument.starts_with('-')) throw BadSetting("unexpected argument: only flags are accepted (see --help)");
  const std::string flag = argument.substr(0, argument.starts_with("--") ? argument.find('=') : 2);
  for (const Option& option : schema.options()) {
    if (!option.secret || flag_of(option.text.name) != flag) continue;
    throw BadSetting(flag + ": secrets have no flag; set " + option.text.name + " in the environment");
  }
  throw BadSetting("unknown flag " + flag + " (see --help)");
}

CommandLine parse_flags(const Schema& schema, int argc, const char* const* argv) {
  CommandLine result;
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  app.add_flag("-h,--help", result.help);
  app.add_flag("--version", result.version);
  app.add_flag("--healthcheck", result.healthcheck);
  std::map<std::string, CLI::Option*> given;
  std::map<std::string, std::string> values;
  for (const Option& option : schema.options()) {
    if (option.secret) continue;
    const std::string& name = option.text.name;
    given[name] = app.add_option(flag_of(name), values[name])->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    throw BadSetting(error.what());
  }
  if (const auto extras = app.remaining(); !extras.empty() && !result.help) refuse(schema, extras.front());
  for (const auto& [name, option] : given) {
    if (option->count() > 0) result.values[name] = values[name];
  }
  return result;
}

void assign(const Option& option, const std::string& source, std::string_view value) {
  const std::string accepted = option.assign(value);
  if (accepted.empty()) return;
  const std::string shown = option.secret ? "" : " \"" + std::string(value) + '"';
  throw BadSetting(source + ": invalid value" + shown + ": expected " + accepted);
}

/// An empty default leaves the target's initial value.
void assign_default(const Option& option) {
  if (option.text.default_text.empty()) return;
  const std::string accepted = option.assign(option.text.default_text);
  if (!accepted.empty()) throw std::logic_error("invalid default of " + option.text.name + ": expected " + accepted);
}

void assign_all(const Schema& schema, const CommandLine& line) {
  for (const Option& option : schema.options()) {
    const std::string& name = option.text.name;
    assign_default(option);
    if (const char* value = std::getenv(name.c_str()); value != nullptr && *value != '\0') assign(option, name, value);
    if (const auto flag = line.values.find(name); flag != line.values.end()) {
      assign(option, flag_of(name), flag->second);
    }
  }
}

}  // namespace

LoadResult Schema::load(int argc, const char* const* argv, std::ostream& out, std::ostream& err) {
  try {
    const CommandLine line = parse_flags(*this, argc, argv);
    if (line.help) {
      print_help(out, *this);
      return {};
    }
    if (line.version) {
      out << service_ << ' ' << version() << '\n';
      return {};
    }
    assign_all(*this, line);
    for (const auto& rule : rules_) {
      if (const std::string broken = rule(); !broken.empty()) throw BadSetting(broken);
    }
    return {.run = true, .exit_code = 0, .healthcheck = line.healthcheck};
  } catch (const BadSetting& bad) {
    err << service_ << ": " << bad.what() << '\n';
    return {.run = false, .exit_code = 2, .healthcheck = false};
  }
}

}  // namespace prompted::config
