// Redis streams over raw RESP: pipelined XADD, XREADGROUP, then XACK and XDEL (an acknowledged entry would otherwise
// remain).
#include <cstdlib>
#include <stdexcept>

#include "compare/line_socket.hpp"
#include "compare/peer.hpp"
#include "load/commands.hpp"
#include "load/rows.hpp"

namespace prompted::bench {

namespace {

class Resp {
 public:
  explicit Resp(int port) : socket_(port) {}
  void begin(std::size_t words) { socket_.out() += "*" + std::to_string(words) + "\r\n"; }
  void word(std::string_view text) {
    socket_.out() += "$" + std::to_string(text.size()) + "\r\n";
    socket_.out().append(text).append("\r\n");
  }
  void flush() { socket_.flush(); }

  /// Reads one RESP reply; its bulk strings, at any depth, go to `strings`. Throws on an error, except that the group
  /// exists already.
  void response(std::vector<std::string>* strings = nullptr) {
    const std::string line = socket_.read_line();
    const long n = std::strtol(line.c_str() + 1, nullptr, 10);
    if (line[0] == '-' && line.find("BUSYGROUP") == std::string::npos) throw std::runtime_error("Redis: " + line);
    if (line[0] == '*')
      for (long i = 0; i < n; ++i) response(strings);
    if (line[0] != '$' || n < 0) return;
    std::string text = socket_.read_block(static_cast<std::size_t>(n));
    if (strings) strings->push_back(std::move(text));
  }

 private:
  LineSocket socket_;
};

class RedisStream : public Peer {
 public:
  RedisStream(int port, std::size_t index) : rows_(make_rows()), name_("c" + std::to_string(index)), connection_(port) {
    command({"XGROUP", "CREATE", "telemetry", "bench", "0", "MKSTREAM"});
  }

  void produce(std::size_t batch) override {
    const auto stamped = base::now_utc();
    for (std::size_t i = 0; i < batch; ++i) {
      Row& row = rows_[next_++ % rows_.size()];
      stamp(row.json, row.stamp_at, stamped + std::chrono::microseconds(i));
      connection_.begin(5);
      for (std::string_view word : {"XADD", "telemetry", "*", "p"}) connection_.word(word);
      connection_.word(row.json);
    }
    connection_.flush();
    for (std::size_t i = 0; i < batch; ++i) connection_.response();
  }

  std::size_t consume(std::size_t batch) override {
    std::vector<std::string> strings;
    command({"XREADGROUP", "GROUP", "bench", name_, "COUNT", std::to_string(batch), "BLOCK", "100", "STREAMS",
             "telemetry", ">"},
            &strings);
    if (strings.empty()) return 0;
    // The stream's name, then id, "p", payload of each entry.
    std::vector<std::string> acked{"XACK", "telemetry", "bench"}, deleted{"XDEL", "telemetry"};
    for (std::size_t i = 1; i + 2 < strings.size(); i += 3) {
      acked.push_back(strings[i]);
      deleted.push_back(strings[i]);
    }
    queue(acked);
    queue(deleted);
    connection_.flush();
    connection_.response();
    connection_.response();
    return deleted.size() - 2;
  }

 private:
  void queue(const std::vector<std::string>& words) {
    connection_.begin(words.size());
    for (const auto& word : words) connection_.word(word);
  }
  void command(const std::vector<std::string>& words, std::vector<std::string>* strings = nullptr) {
    queue(words);
    connection_.flush();
    connection_.response(strings);
  }

  std::vector<Row> rows_;
  std::size_t next_ = 0;
  std::string name_;
  Resp connection_;
};

}  // namespace

int redis(int argc, char** argv) {
  const Options options(
      argc, argv, {{"port", "6379"}, {"connections", "2"}, {"batch", "500"}, {"messages", "100000"}, {"limit", "60"}});
  const int port = static_cast<int>(options.number("port"));
  return run_peer(options, [&](std::size_t i) { return std::make_unique<RedisStream>(port, i); });
}

}  // namespace prompted::bench
