// Redis streams by raw RESP: XADD by pipeline, XREADGROUP, then XACK and XDEL (an acknowledged entry would stay otherwise).
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

#include "compare/peer.hpp"
#include "load/commands.hpp"
#include "load/rows.hpp"

namespace prompted::bench {

namespace {

class RespSocket {
 public:
  explicit RespSocket(int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error("no Redis there");
    const int on = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  ~RespSocket() { ::close(socket_); }
  RespSocket(const RespSocket&) = delete;
  RespSocket& operator=(const RespSocket&) = delete;

  void begin(std::size_t words) { out_ += "*" + std::to_string(words) + "\r\n"; }
  void word(std::string_view text) {
    out_ += "$" + std::to_string(text.size()) + "\r\n";
    out_.append(text).append("\r\n");
  }
  void flush() {
    for (std::size_t at = 0; at < out_.size();) {
      const ssize_t sent = ::send(socket_, out_.data() + at, out_.size() - at, MSG_NOSIGNAL);
      if (sent <= 0) throw std::runtime_error("Redis went away");
      at += static_cast<std::size_t>(sent);
    }
    out_.clear();
  }

  /// One reply; its bulk strings, at whatever depth, go to `strings`. An error reply throws unless it is BUSYGROUP.
  void reply(std::vector<std::string>* strings = nullptr) {
    const std::string line = read_line();
    const long n = std::strtol(line.c_str() + 1, nullptr, 10);
    if (line[0] == '-' && line.find("BUSYGROUP") == std::string::npos) throw std::runtime_error("Redis: " + line);
    if (line[0] == '*')
      for (long i = 0; i < n; ++i) reply(strings);
    if (line[0] != '$' || n < 0) return;
    while (in_.size() - at_ < static_cast<std::size_t>(n) + 2) read_more();
    if (strings) strings->push_back(in_.substr(at_, static_cast<std::size_t>(n)));
    at_ += static_cast<std::size_t>(n) + 2;
  }

 private:
  std::string read_line() {
    std::size_t end = 0;
    while ((end = in_.find("\r\n", at_)) == std::string::npos) read_more();
    const std::string line = in_.substr(at_, end - at_);
    at_ = end + 2;
    return line;
  }
  void read_more() {
    in_.erase(0, at_);
    at_ = 0;
    char bytes[65536];
    const ssize_t got = ::recv(socket_, bytes, sizeof bytes, 0);
    if (got <= 0) throw std::runtime_error("Redis closed the connection");
    in_.append(bytes, static_cast<std::size_t>(got));
  }

  int socket_;
  std::string out_, in_;
  std::size_t at_ = 0;  // of in_: what has been read by the parser
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
    for (std::size_t i = 0; i < batch; ++i) connection_.reply();
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
    connection_.reply();
    connection_.reply();
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
    connection_.reply(strings);
  }

  std::vector<Row> rows_;
  std::size_t next_ = 0;
  std::string name_;
  RespSocket connection_;
};

}  // namespace

int redis(int argc, char** argv) {
  const Options options(
      argc, argv, {{"port", "6379"}, {"connections", "2"}, {"batch", "500"}, {"messages", "100000"}, {"limit", "60"}});
  const int port = static_cast<int>(options.number("port"));
  return run_peer(options, [&](std::size_t i) { return std::make_unique<RedisStream>(port, i); });
}

}  // namespace prompted::bench
