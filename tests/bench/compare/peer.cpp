#include "compare/peer.hpp"

#include <atomic>
#include <cstdio>
#include <stdexcept>
#include <thread>

#include "load/crew.hpp"

namespace prompted::bench {

int run_peer(const Options& options, const std::function<std::unique_ptr<Peer>(std::size_t)>& connect) {
  const auto batch = static_cast<std::size_t>(options.number("batch"));
  const auto sides = static_cast<std::size_t>(options.number("connections"));  // each of producers and consumers
  const auto rounds = static_cast<std::size_t>(options.number("messages")) / batch;
  std::atomic<std::size_t> produced{0}, consumed{0};
  const double took = run_crew(2 * sides, [&](std::size_t i) -> std::function<void()> {
    const std::shared_ptr<Peer> peer = connect(i);
    if (i < sides)
      return [&, peer] {
        while (produced++ < rounds) peer->produce(batch);
      };
    return [&, peer] {
      const double deadline_for_room = now() + options.real("limit");
      while (consumed < rounds * batch) {
        const std::size_t got = peer->consume(batch);
        consumed += got;
        if (got == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        if (now() > deadline_for_room) throw std::runtime_error("only " + std::to_string(consumed) + " messages came");
      }
    };
  });
  std::printf("{\"messages\": %zu, \"seconds\": %.6f, \"rate\": %.1f}\n", consumed.load(), took,
              static_cast<double>(consumed.load()) / took);
  return 0;
}

}  // namespace prompted::bench
