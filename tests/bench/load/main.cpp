// The load generator of tests/bench: bench_load COMMAND --option value ...
#include <cstdio>
#include <exception>
#include <functional>
#include <map>
#include <string>

#include "load/commands.hpp"

int main(int argc, char** argv) {
  using namespace prompted::bench;
  std::map<std::string, std::function<int(int, char**)>> commands{
      {"limit", limit}, {"publish", publish}, {"consume", consume}, {"probe", probe}, {"skip-locked", skip_locked},
      {"redis", redis}, {"nats", nats}};
#ifdef PROMPTED_RABBITMQ
  commands["rabbitmq"] = rabbitmq;
#endif
  const auto found = argc > 1 ? commands.find(argv[1]) : commands.end();
  if (found == commands.end()) {
    std::fprintf(stderr, "usage: bench_load COMMAND --option value ...; commands:");
    for (const auto& command : commands) std::fprintf(stderr, " %s", command.first.c_str());
    std::fprintf(stderr, "\n");
    return 2;
  }
  try {
    return found->second(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_load %s: %s\n", argv[1], error.what());
    return 1;
  }
}
