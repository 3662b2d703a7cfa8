#include <ostream>

#include "config/flag.hpp"

namespace prompted::config {

std::string flag_of(std::string_view variable) {
  std::string flag = "--";
  for (char c : variable) {
    if (c == '_') flag += '-';
    else flag += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return flag;
}

namespace {

void print_option(std::ostream& out, const Option& option) {
  out << "  " << option.text.name;
  if (option.secret) {
    out << "  (" << option.type << ", secret: environment variable only)\n";
  } else {
    out << ", " << flag_of(option.text.name) << "  (" << option.type;
    if (!option.text.default_text.empty()) out << ", default " << option.text.default_text;
    out << ")\n";
  }
  out << "      " << option.text.help << '\n';
}

}  // namespace

void print_help(std::ostream& out, const Schema& schema) {
  out << schema.service() << ": " << schema.summary() << "\n\n"
      << "Usage: " << schema.service() << " [flags]\n\n"
      << "Set each option by environment variable or by flag. A flag overrides the variable.\n"
      << "An empty variable counts as unset.\n"
      << "Durations look like 500ms, 1.5s or 1m30s, sizes like 64KiB or 16MiB.\n\n";
  for (const Option& option : schema.options()) print_option(out, option);
  out << "\n  --healthcheck\n      Query this daemon's /readyz and exit 0 if it returns 200\n"
      << "  --version\n      Print the version\n"
      << "  -h, --help\n      Print this help\n";
}

}  // namespace prompted::config
