#include "system/crash/load.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <random>

#include "support/http.hpp"

namespace prompted::test::crash {
namespace {

using namespace std::chrono_literals;

/// Idempotency-Key `base`, message i: i added to the last 48 bits (docs/api.md).
struct Key {
  std::uint64_t high;
  std::uint64_t low;

  std::string uuid(std::uint64_t i) const {
    constexpr std::uint64_t node = (1ull << 48) - 1;
    const std::uint64_t last = (low & ~node) | ((low + i) & node);
    char text[40];
    std::snprintf(text, sizeof text, "%08x-%04x-%04x-%04x-%012llx", static_cast<unsigned>(high >> 32),
                  static_cast<unsigned>(high >> 16 & 0xffff), static_cast<unsigned>(high & 0xffff),
                  static_cast<unsigned>(last >> 48), static_cast<unsigned long long>(last & node));
    return text;
  }
};

std::string good_row(std::uint64_t sequence) {
  const std::string n = std::to_string(sequence);
  return R"({"timestamp":"2026-01-01T00:00:00Z","metric_name":"m","gpu_id":"0","uuid":"GPU-)" +
         std::to_string(sequence % 200) + R"(","value":)" + n + R"(,"labels_raw":")" + labels_of(sequence) + "\"}";
}

/// Publishable but not a telemetry row, which the collector must detect.
std::string poison_row(std::uint64_t sequence) {
  const bool by_value = sequence % 2 == 0;
  return R"({"timestamp":")" + std::string(by_value ? "2026-01-01T00:00:00Z" : "yesterday") +
         R"(","metric_name":"m","gpu_id":"GPU-)" + std::to_string(sequence % 200) + R"(","value":)" +
         (by_value ? "\"poison\"" : std::to_string(sequence)) + R"(,"labels_raw":")" + labels_of(sequence) + "\"}";
}

void pause(std::chrono::steady_clock::duration duration) {
  boost::asio::io_context context;
  boost::asio::steady_timer(context, duration).wait();
}

}  // namespace

std::string labels_of(std::uint64_t sequence) { return "sequence=" + std::to_string(sequence) + ";"; }

std::uint64_t sequence_of(const std::string& labels) {
  if (!labels.starts_with("sequence=") || !labels.ends_with(";")) return 0;
  return std::strtoull(labels.c_str() + 9, nullptr, 10);
}

/// One client, one thread.
class Load::Publisher {
 public:
  Publisher(Load& load, int index)
      : load_(load),
        random_(load.settings_.seed * 1000 + static_cast<std::uint64_t>(index)),
        writer_(static_cast<std::size_t>(index)) {}

  void run(std::stop_token stop) {
    while (!stop.stop_requested()) {
      const auto begin = std::chrono::steady_clock::now();
      const std::size_t messages = publish_batch();
      // This thread's share of the rate. It does not catch up after an outage.
      const auto due = begin + std::chrono::microseconds(1'000'000ll * static_cast<long long>(messages) *
                                                         load_.settings_.threads / load_.settings_.messages_per_second);
      if (const auto now = std::chrono::steady_clock::now(); now < due) pause(due - now);
    }
  }
  std::vector<Sent>& sent() { return sent_; }

 private:
  struct Try {
    std::chrono::steady_clock::time_point sent_at;
    std::chrono::steady_clock::time_point responded_at;
  };

  bool chance(double share) { return std::uniform_real_distribution<>(0, 1)(random_) < share; }

  std::size_t publish_batch() {
    const auto size = std::uniform_int_distribution<std::uint64_t>(
        1, static_cast<std::uint64_t>(load_.settings_.largest_batch))(random_);
    const Key key{random_(), random_()};
    const bool patient = !chance(load_.settings_.given_up_share);
    std::vector<Sent> batch;
    std::string body = R"({"topic":"telemetry","messages":[)";
    for (std::uint64_t i = 0; i < size; ++i) {
      Sent sent;
      sent.uuid = key.uuid(i);
      sent.sequence = load_.sequence_++;
      sent.poison = chance(load_.settings_.poison_share);
      body += (i > 0 ? "," : "") + (sent.poison ? poison_row(sent.sequence) : good_row(sent.sequence));
      batch.push_back(std::move(sent));
    }
    const auto acknowledged = retry(body + "]}", key.uuid(0), patient);
    for (Sent& sent : batch) {
      sent.acknowledged = acknowledged.has_value();
      if (!acknowledged) continue;
      sent.sent_at = acknowledged->sent_at;
      sent.responded_at = acknowledged->responded_at;
    }
    sent_.insert(sent_.end(), batch.begin(), batch.end());
    if (acknowledged) load_.counts_.messages_acknowledged += size;
    return size;
  }

  /// Times of the acknowledged attempt; nullopt if there is none.
  std::optional<Try> retry(const std::string& body, const std::string& key, bool patient) {
    for (bool again = false;; again = true) {
      if (again) {
        ++load_.counts_.retries;
        pause(std::chrono::milliseconds(20 + random_() % 80));
      }
      const auto sent_at = std::chrono::steady_clock::now();
      const int status = publish(body, key);
      if (status / 100 == 2) {
        ++load_.counts_.publishes_acknowledged;
        return Try{sent_at, std::chrono::steady_clock::now()};
      }
      const bool refused = status / 100 == 4 && status != 408 && status != 429;
      if (refused) ++load_.counts_.refused;
      if (refused || !patient || load_.abandoned_) return std::nullopt;
      ++writer_;
    }
  }

  /// The response's status; 0 if there is none. Some clients are impatient: their retry overtakes the first attempt.
  int publish(const std::string& body, const std::string& key) {
    Call call;
    call.method = "POST";
    call.body = body;
    call.headers = {{"Idempotency-Key", key}};
    call.timeout = std::chrono::milliseconds(chance(0.1) ? 500 : 3000);
    const auto& writers = load_.settings_.writers;
    ++load_.counts_.waiting;
    int status = 0;
    try {
      const Reply response = http(writers[writer_ % writers.size()] + "/v1/publish", call);
      status = response.status;
      if (status == 200) load_.counts_.duplicates_seen += response.json().at("duplicates").get<std::uint64_t>();
    } catch (const std::exception&) {
      status = 0;  // cut, refused, timed out, or cut in mid-response: unknown
    }
    --load_.counts_.waiting;
    return status;
  }

  Load& load_;
  std::mt19937_64 random_;
  std::size_t writer_;
  std::vector<Sent> sent_;
};

Load::Load(LoadSettings settings) : settings_(std::move(settings)) {
  for (int i = 0; i < settings_.threads; ++i) publishers_.push_back(std::make_unique<Publisher>(*this, i));
  for (auto& publisher : publishers_)
    threads_.emplace_back([&publisher](std::stop_token stop) { publisher->run(std::move(stop)); });
}

Load::~Load() { abandon(); }

std::vector<Sent> Load::finish() {
  for (auto& thread : threads_) thread.request_stop();
  threads_.clear();  // joins
  std::vector<Sent> all;
  for (auto& publisher : publishers_) all.insert(all.end(), publisher->sent().begin(), publisher->sent().end());
  return all;
}

}  // namespace prompted::test::crash
