#include <poll.h>

#include <cmath>
#include <cstdio>
#include <memory>
#include <stdexcept>

#include "load/clock.hpp"
#include "load/commands.hpp"
#include "load/http.hpp"
#include "load/options.hpp"
#include "load/percentiles.hpp"
#include "load/rows.hpp"

namespace prompted::bench {

namespace {

/// One thread and any number of connections, each with at most one request in flight. With a rate, request k is due at
/// begin + k · batch / rate and its latency counts from then, whether a connection was free or not.
class Publisher {
 public:
  explicit Publisher(const Options& options)
      : batch_(static_cast<std::size_t>(options.number("batch"))),
        messages_(options.number("messages")),
        seconds_(options.real("seconds")),
        pause_(options.real("rate") > 0 ? static_cast<double>(batch_) / options.real("rate") : 0) {
    if (messages_ <= 0 && seconds_ <= 0) throw std::runtime_error("--messages or --seconds must be given");
    const auto rows = make_rows();
    const auto count = static_cast<std::size_t>(options.number("connections"));
    for (std::size_t i = 0; i < count; ++i) {
      auto lane = std::make_unique<Lane>(options.text("writer"));
      lane->bodies = make_bodies(options.text("topic"), rows, batch_, i * rows.size() / count);
      lanes_.push_back(std::move(lane));
    }
  }

  void run() {
    begun_ = now();
    cpu_begun_ = own_cpu();
    while (true) {
      for (auto& lane : lanes_)
        if (!lane->busy && due(now())) send(*lane);
      if (under_way_ == 0 && over(now())) break;
      wait();
    }
    ended_ = now();
  }

  void print() {
    const double took = ended_ - begun_;
    const std::string latency = percentiles(latencies_);
    std::printf(
        "{\"accepted\": %zu, \"begun\": %.6f, \"ended\": %.6f, \"seconds\": %.6f, \"rate\": %.1f, \"refused\": %zu, "
        "\"cpu_seconds\": %.3f, %s}\n",
        accepted_, begun_, ended_, took, static_cast<double>(accepted_) / took, refused_, own_cpu() - cpu_begun_,
        latency.c_str());
  }

 private:
  struct Lane {
    explicit Lane(const std::string& peer) : connection(peer) {}
    HttpConnection connection;
    std::vector<PublishBody> bodies;
    std::size_t next = 0;
    bool busy = false;
    double since = 0;
  };

  bool over(double at) const {
    return messages_ > 0 ? static_cast<long>(accepted_ + under_way_ * batch_) >= messages_ : at - begun_ >= seconds_;
  }
  double due_at() const { return begun_ + static_cast<double>(sent_) * pause_; }
  bool due(double at) const { return !over(at) && at >= due_at(); }

  void send(Lane& lane) {
    lane.since = pause_ > 0 ? due_at() : now();
    const std::string& body = lane.bodies[lane.next].stamped(base::now_utc());
    lane.next = (lane.next + 1) % lane.bodies.size();
    lane.connection.send_post("/v1/publish", body);
    lane.busy = true;
    ++under_way_;
    ++sent_;
  }

  void receive(Lane& lane) {
    const Response response = lane.connection.receive();
    lane.busy = false;
    --under_way_;
    if (response.status == 200) {
      latencies_.push_back(now() - lane.since);
      accepted_ += batch_;
    } else if (response.status == 503) {
      ++refused_;  // retried with the next rows
    } else {
      throw std::runtime_error("publish was answered " + std::to_string(response.status) + ": " +
                               std::string(response.body));
    }
  }

  /// Waits until a response arrives, or a request is due and a connection free.
  void wait() {
    std::vector<pollfd> sockets;
    for (const auto& lane : lanes_) sockets.push_back({lane->busy ? lane->connection.descriptor() : -1, POLLIN, 0});
    double seconds = 1;
    if (under_way_ < lanes_.size() && !over(now())) seconds = std::max(0.0, due_at() - now());
    const timespec longest{static_cast<time_t>(seconds), static_cast<long>(std::fmod(seconds, 1) * 1e9)};
    ::ppoll(sockets.data(), sockets.size(), &longest, nullptr);
    for (std::size_t i = 0; i < lanes_.size(); ++i)
      if (sockets[i].revents != 0) receive(*lanes_[i]);
  }

  std::size_t batch_;
  long messages_;
  double seconds_;
  double pause_;  // seconds between requests; 0: no pause
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::size_t under_way_ = 0, sent_ = 0, accepted_ = 0, refused_ = 0;
  double begun_ = 0, ended_ = 0, cpu_begun_ = 0;
  std::vector<double> latencies_;
};

}  // namespace

int publish(int argc, char** argv) {
  const Options options(argc, argv,
                        {{"writer", "127.0.0.1:8084"},
                         {"topic", "telemetry"},
                         {"connections", "2"},
                         {"batch", "500"},
                         {"messages", "0"},
                         {"seconds", "0"},
                         {"rate", "0"}});
  Publisher publisher(options);
  publisher.run();
  publisher.print();
  return 0;
}

}  // namespace prompted::bench
