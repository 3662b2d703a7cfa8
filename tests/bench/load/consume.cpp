#include <atomic>
#include <cstdio>
#include <memory>
#include <stdexcept>

#include "load/commands.hpp"
#include "load/crew.hpp"
#include "load/http.hpp"
#include "load/options.hpp"

namespace prompted::bench {

namespace {

std::string_view text_member(std::string_view json, std::string_view name) {
  const std::string key = "\"" + std::string(name) + "\":\"";
  const auto at = json.find(key);
  if (at == std::string_view::npos)
    throw std::runtime_error("no " + std::string(name) + " in " + std::string(json.substr(0, 200)));
  const auto begin = at + key.size();
  return json.substr(begin, json.find('"', begin) - begin);
}

std::size_t number_member(std::string_view json, std::string_view name) {
  const std::string key = "\"" + std::string(name) + "\":";
  const auto at = json.find(key);
  if (at == std::string_view::npos) throw std::runtime_error("no " + std::string(name) + " in " + std::string(json));
  return std::strtoul(json.data() + at + key.size(), nullptr, 10);
}

class Consumer {
 public:
  Consumer(const Options& options, std::size_t index)
      : connection_(options.text("reader")),
        target_(R"({"topic":")" + options.text("topic") + R"(","consumer_id":"bench-)" + std::to_string(index) + '"'),
        lease_(target_ + ",\"max\":" + options.text("batch") + ",\"lease_seconds\":30,\"wait_ms\":500}") {}

  /// How many messages were leased and acked.
  std::size_t turn() {
    const auto leased = connection_.must_post("/v1/lease", lease_);
    if (leased.find("\"messages\":[]") != std::string_view::npos) return 0;
    const std::string ack = target_ + R"(,"lease_id":")" + std::string(text_member(leased, "lease_id")) + "\"}";
    return number_member(connection_.must_post("/v1/ack", ack), "acked");
  }

 private:
  HttpConnection connection_;
  std::string target_, lease_;
};

}  // namespace

int consume(int argc, char** argv) {
  const Options options(argc, argv,
                        {{"reader", "127.0.0.1:8085"},
                         {"topic", "telemetry"},
                         {"connections", "2"},
                         {"batch", "500"},
                         {"messages", "0"},
                         {"limit", "60"}});
  const auto wanted = static_cast<std::size_t>(options.number("messages"));
  std::atomic<std::size_t> acked{0};
  std::atomic<double> last{0};
  run_crew(static_cast<std::size_t>(options.number("connections")), [&](std::size_t i) -> std::function<void()> {
    const auto consumer = std::make_shared<Consumer>(options, i);
    return [&, consumer] {
      const double deadline_for_room = now() + options.real("limit");
      while (acked < wanted) {
        const std::size_t done = consumer->turn();
        if (done > 0 && (acked += done) >= wanted) last = now();
        if (now() > deadline_for_room) throw std::runtime_error("only " + std::to_string(acked) + " messages came");
      }
    };
  });
  std::printf("{\"acked\": %zu, \"ended\": %.6f}\n", acked.load(), last.load());
  return 0;
}

}  // namespace prompted::bench
