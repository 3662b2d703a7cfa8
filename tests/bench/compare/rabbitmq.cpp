// RabbitMQ with a durable quorum queue: publisher confirms for each batch, and one consumer acknowledgement for all up
// to the last of a batch. Built only if librabbitmq-dev is installed.
#include <amqp.h>
#include <amqp_tcp_socket.h>

#include <set>
#include <stdexcept>

#include "compare/peer.hpp"
#include "load/commands.hpp"
#include "load/rows.hpp"

namespace prompted::bench {

namespace {

constexpr amqp_channel_t channel = 1;
constexpr const char* queue = "telemetry";

void must(const amqp_rpc_reply_t& response, const char* what) {
  if (response.response_type != AMQP_RESPONSE_NORMAL)
    throw std::runtime_error(std::string("RabbitMQ: ") + what + " failed");
}

amqp_bytes_t bytes(const std::string& text) { return {text.size(), const_cast<char*>(text.data())}; }

class QuorumQueue : public Peer {
 public:
  QuorumQueue(int port, bool consumes, std::size_t batch) : rows_(make_rows()), connection_(amqp_new_connection()) {
    amqp_socket_t* socket = amqp_tcp_socket_new(connection_);
    if (amqp_socket_open(socket, "127.0.0.1", port) != AMQP_STATUS_OK) throw std::runtime_error("no RabbitMQ there");
    must(amqp_login(connection_, "/", 0, 131072, 0, AMQP_SASL_METHOD_PLAIN, "guest", "guest"), "login");
    amqp_channel_open(connection_, channel);
    declare();
    if (consumes) {
      // Twice a batch: the next one arrives while this one is acknowledged.
      amqp_basic_qos(connection_, channel, 0, static_cast<std::uint16_t>(2 * batch), 0);
      amqp_basic_consume(connection_, channel, amqp_cstring_bytes(queue), amqp_empty_bytes, 0, 0, 0, amqp_empty_table);
    } else {
      amqp_confirm_select(connection_, channel);
    }
    must(amqp_get_rpc_reply(connection_), "set-up");
  }
  ~QuorumQueue() override { amqp_destroy_connection(connection_); }
  QuorumQueue(const QuorumQueue&) = delete;
  QuorumQueue& operator=(const QuorumQueue&) = delete;

  void produce(std::size_t batch) override {
    amqp_basic_properties_t persistent{};
    persistent._flags = AMQP_BASIC_DELIVERY_MODE_FLAG;
    persistent.delivery_mode = 2;
    const auto stamped = base::now_utc();
    for (std::size_t i = 0; i < batch; ++i) {
      Row& row = rows_[next_++ % rows_.size()];
      stamp(row.json, row.stamp_at, stamped + std::chrono::microseconds(i));
      if (amqp_basic_publish(connection_, channel, amqp_empty_bytes, amqp_cstring_bytes(queue), 0, 0, &persistent,
                             bytes(row.json)) != AMQP_STATUS_OK)
        throw std::runtime_error("RabbitMQ: publish failed");
    }
    for (std::size_t i = 0; i < batch; ++i) open_.insert(++sent_);
    while (!open_.empty()) confirm();
  }

  std::size_t consume(std::size_t batch) override {
    std::size_t got = 0;
    std::uint64_t last = 0;
    while (got < batch) {
      timeval wait{0, got == 0 ? 100'000 : 2'000};  // a batch may be short: the last ones
      amqp_envelope_t envelope;
      const auto response = amqp_consume_message(connection_, &envelope, &wait, 0);
      if (response.response_type == AMQP_RESPONSE_LIBRARY_EXCEPTION && response.library_error == AMQP_STATUS_TIMEOUT)
        break;
      must(response, "consume");
      last = envelope.delivery_tag;
      amqp_destroy_envelope(&envelope);
      ++got;
    }
    if (got > 0 && amqp_basic_ack(connection_, channel, last, 1) != 0) throw std::runtime_error("RabbitMQ: ack failed");
    amqp_maybe_release_buffers(connection_);
    return got;
  }

 private:
  void declare() {
    amqp_table_entry_t type{};
    type.key = amqp_cstring_bytes("x-queue-type");
    type.value.kind = AMQP_FIELD_KIND_UTF8;
    type.value.value.bytes = amqp_cstring_bytes("quorum");
    amqp_queue_declare(connection_, channel, amqp_cstring_bytes(queue), 0, 1, 0, 0, amqp_table_t{1, &type});
    must(amqp_get_rpc_reply(connection_), "declare");
  }

  void confirm() {
    amqp_frame_t frame;
    if (amqp_simple_wait_frame(connection_, &frame) != AMQP_STATUS_OK) throw std::runtime_error("RabbitMQ went away");
    if (frame.frame_type != AMQP_FRAME_METHOD || frame.payload.method.id != AMQP_BASIC_ACK_METHOD)
      throw std::runtime_error("RabbitMQ: a publish was not confirmed");
    const auto* ack = static_cast<amqp_basic_ack_t*>(frame.payload.method.decoded);
    if (ack->multiple) open_.erase(open_.begin(), open_.upper_bound(ack->delivery_tag));
    else open_.erase(ack->delivery_tag);
    amqp_maybe_release_buffers(connection_);
  }

  std::vector<Row> rows_;
  std::size_t next_ = 0;
  amqp_connection_state_t connection_;
  std::uint64_t sent_ = 0;
  std::set<std::uint64_t> open_;  // delivery tags that are not confirmed yet
};

}  // namespace

int rabbitmq(int argc, char** argv) {
  const Options options(
      argc, argv, {{"port", "5672"}, {"connections", "2"}, {"batch", "500"}, {"messages", "100000"}, {"limit", "60"}});
  const int port = static_cast<int>(options.number("port"));
  const auto batch = static_cast<std::size_t>(options.number("batch"));
  const auto producers = static_cast<std::size_t>(options.number("connections"));
  return run_peer(options, [&](std::size_t i) { return std::make_unique<QuorumQueue>(port, i >= producers, batch); });
}

}  // namespace prompted::bench
