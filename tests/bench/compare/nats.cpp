// NATS JetStream over its text protocol, with a file-backed work queue. Each message of a batch is confirmed to the
// producer and acknowledged by the consumer, which does not wait for the ack, as usual for clients.
#include <unistd.h>

#include <cstdlib>
#include <sstream>
#include <stdexcept>

#include "compare/line_socket.hpp"
#include "compare/peer.hpp"
#include "load/commands.hpp"
#include "load/rows.hpp"

namespace prompted::bench {

namespace {

struct Arrived {
  std::string response;  ///< where its acknowledgement goes; empty: a status, no message
  std::string body;
};

class JetStream : public Peer {
 public:
  JetStream(int port, std::size_t index)
      : rows_(make_rows()),
        inbox_("_INBOX." + std::to_string(::getpid()) + "." + std::to_string(index)),
        socket_(port) {
    socket_.read_line();  // INFO
    socket_.out() += "CONNECT {\"verbose\":false,\"pedantic\":false,\"headers\":true,\"no_responders\":true}\r\nSUB " +
                     inbox_ + " 1\r\n";
    ask("$JS.API.STREAM.CREATE.bench",
        R"({"name":"bench","subjects":["telemetry"],"storage":"file","retention":"workqueue"})");
    ask("$JS.API.CONSUMER.DURABLE.CREATE.bench.bench",
        R"({"stream_name":"bench","config":{"durable_name":"bench","ack_policy":"explicit","max_ack_pending":20000}})");
  }

  void produce(std::size_t batch) override {
    const auto stamped = base::now_utc();
    for (std::size_t i = 0; i < batch; ++i) {
      Row& row = rows_[next_++ % rows_.size()];
      stamp(row.json, row.stamp_at, stamped + std::chrono::microseconds(i));
      publish("telemetry", inbox_, row.json);
    }
    socket_.flush();
    for (std::size_t i = 0; i < batch; ++i) confirmed(receive());
  }

  std::size_t consume(std::size_t batch) override {
    publish("$JS.API.CONSUMER.MSG.NEXT.bench.bench", inbox_,
            "{\"batch\":" + std::to_string(batch) + ",\"expires\":100000000}");
    socket_.flush();
    std::size_t got = 0;
    while (got < batch) {
      const Arrived message = receive();
      if (message.response.empty()) break;  // no more messages for now
      publish(message.response, "", "+ACK");
      ++got;
    }
    socket_.flush();
    return got;
  }

 private:
  void publish(const std::string& subject, const std::string& response, const std::string& body) {
    socket_.out() += "PUB " + subject + (response.empty() ? "" : " " + response) + " " + std::to_string(body.size()) +
                     "\r\n" + body + "\r\n";
  }

  void ask(const std::string& subject, const std::string& body) {
    publish(subject, inbox_, body);
    socket_.flush();
    confirmed(receive());
  }

  static void confirmed(const Arrived& response) {
    if (response.body.find("\"error\"") != std::string::npos) throw std::runtime_error("NATS: " + response.body);
  }

  /// MSG <subject> <sid> [reply] <bytes>, or HMSG <subject> <sid> [reply] <bytes of headers> <bytes of all>.
  Arrived receive() {
    while (true) {
      std::istringstream line(socket_.read_line());
      std::vector<std::string> words;
      for (std::string word; line >> word;) words.push_back(word);
      if (words.empty()) continue;
      if (words[0] == "PING") {
        socket_.out() += "PONG\r\n";
        socket_.flush();
      } else if (words[0] == "-ERR") {
        throw std::runtime_error("NATS: " + line.str());
      } else if (words[0] == "MSG" || words[0] == "HMSG") {
        const bool headers = words[0] == "HMSG";
        Arrived arrived;
        arrived.body = socket_.read_block(std::strtoul(words.back().c_str(), nullptr, 10));
        if (!headers && words.size() == 5) arrived.response = words[3];
        return arrived;
      }
    }
  }

  std::vector<Row> rows_;
  std::size_t next_ = 0;
  std::string inbox_;
  LineSocket socket_;
};

}  // namespace

int nats(int argc, char** argv) {
  const Options options(
      argc, argv, {{"port", "4222"}, {"connections", "2"}, {"batch", "500"}, {"messages", "100000"}, {"limit", "60"}});
  const int port = static_cast<int>(options.number("port"));
  return run_peer(options, [&](std::size_t i) { return std::make_unique<JetStream>(port, i); });
}

}  // namespace prompted::bench
