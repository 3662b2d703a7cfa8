#include <atomic>
#include <cstdio>
#include <memory>

#include "load/commands.hpp"
#include "load/crew.hpp"
#include "load/options.hpp"
#include "load/queue_loop.hpp"

namespace prompted::bench {

namespace {

enum class Kind { life, queue, single };

Kind kind_of(const std::string& name) {
  if (name == "life") return Kind::life;
  if (name == "queue") return Kind::queue;
  if (name == "single") return Kind::single;
  throw std::runtime_error("--kind is life, queue or single");
}

void turn(QueueLoop& loop, Kind kind) {
  loop.insert();
  if (kind == Kind::single) return;
  loop.poll();
  if (kind == Kind::life) loop.insert_telemetry();
  loop.remove();
}

}  // namespace

int limit(int argc, char** argv) {
  const Options options(argc, argv,
                        {{"dsn", ""}, {"kind", "life"}, {"connections", "2"}, {"batch", "500"}, {"seconds", "3"}});
  const Kind kind = kind_of(options.text("kind"));
  const std::size_t batch = kind == Kind::single ? 1 : static_cast<std::size_t>(options.number("batch"));
  const int connections = static_cast<int>(options.number("connections"));
  const double seconds = options.real("seconds");
  const auto rows = make_rows();
  std::atomic<std::size_t> messages{0};
  const double cpu = own_cpu();
  const double took = run_crew(static_cast<std::size_t>(connections), [&](std::size_t i) -> std::function<void()> {
    const auto loop = std::make_shared<QueueLoop>(options.text("dsn"), rows,
                                                  QueueLoop::Part{static_cast<int>(i), connections}, batch);
    // The first poll of a connection begins at the beginning; the others, as a running reader's, where the last one
    // ended.
    if (kind != Kind::single) turn(*loop, kind);
    return [&, loop] {
      std::size_t done = 0;
      for (const double end = now() + seconds; now() < end; done += batch) turn(*loop, kind);
      messages += done;
    };
  });
  std::printf("{\"messages\": %zu, \"seconds\": %.6f, \"rate\": %.1f, \"cpu_seconds\": %.3f}\n", messages.load(), took,
              static_cast<double>(messages.load()) / took, own_cpu() - cpu);
  return 0;
}

}  // namespace prompted::bench
