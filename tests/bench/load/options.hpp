#pragma once
// `--name value` arguments of one command. An unknown name ends the program, so that a typo does not measure the wrong
// thing.
#include <map>
#include <string>

namespace prompted::bench {

class Options {
 public:
  /// From argv[2] on; `known` are the names that the command takes, with their defaults.
  Options(int argc, char** argv, std::map<std::string, std::string> known);
  const std::string& text(const std::string& name) const { return values_.at(name); }
  long number(const std::string& name) const;
  double real(const std::string& name) const;

 private:
  std::map<std::string, std::string> values_;
};

}  // namespace prompted::bench
