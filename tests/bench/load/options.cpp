#include "load/options.hpp"

#include <cstdio>
#include <cstdlib>

namespace prompted::bench {

namespace {

[[noreturn]] void refuse(const std::string& why) {
  std::fprintf(stderr, "bench_load: %s\n", why.c_str());
  std::exit(2);
}

}  // namespace

Options::Options(int argc, char** argv, std::map<std::string, std::string> known) : values_(std::move(known)) {
  for (int i = 2; i < argc; i += 2) {
    const std::string name = std::string(argv[i]).substr(0, 2) == "--" ? argv[i] + 2 : "";
    if (!values_.contains(name)) refuse(std::string("unknown argument ") + argv[i]);
    if (i + 1 == argc) refuse("--" + name + " needs a value");
    values_[name] = argv[i + 1];
  }
}

double Options::real(const std::string& name) const {
  char* end = nullptr;
  const double value = std::strtod(text(name).c_str(), &end);
  if (end == text(name).c_str() || *end != '\0') refuse("--" + name + ": \"" + text(name) + "\" is not a number");
  return value;
}

long Options::number(const std::string& name) const { return static_cast<long>(real(name)); }

}  // namespace prompted::bench
