#pragma once
// One accepted connection. Repeatedly reads a request, admits it, calls the handler and writes the response. Internal
// to this library.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <optional>

#include "http/gzip.hpp"
#include "http/request_reader.hpp"
#include "http/server_state.hpp"
#include "http/watchdog.hpp"

namespace prompted::http {

/// Owner: the server's. It lives in its coroutine's frame; ServerState::connections lists it.
class Connection {
 public:
  Connection(std::shared_ptr<ServerState> server, boost::asio::ip::tcp::socket socket);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Serves until the connection ends. Does not throw.
  static boost::asio::awaitable<void> run(std::shared_ptr<Connection> self);

  /// Closes the connection now, whatever it is doing.
  void cut();
  /// Closes the connection if it is idle; otherwise after the current response.
  void drain();

 private:
  enum class Phase { idle, head, busy };

  /// One request and its state, in the frame of exchange().
  struct Exchange {
    explicit Exchange(ServerState& state) : server(state), body_share(state.bodies), response_share(state.responses) {}
    ~Exchange() {
      server.requests -= begun ? 1 : 0;
      server.encoders -= encoder ? 1 : 0;
    }
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;

    /// Call once the head has been read.
    void begin() {
      begun = true;
      ++server.requests;
      request.arrived = base::Clock::now();
    }

    ServerState& server;
    base::ByteShare body_share;
    base::ByteShare response_share;
    RequestHead head;
    Request request;
    Response response;
    const Route* route = nullptr;
    std::unique_ptr<GzipEncoder> encoder;  ///< set if the response is gzip-coded
    std::string unsent;                    ///< the response's head, until it is sent with the first bytes of the body
    std::size_t request_bytes = 0;         ///< of the body
    std::uint64_t sent_bytes = 0;
    bool begun = false;
    bool keep_alive = false;
    bool unread_body = false;  ///< responded before the body was read: the connection cannot be reused
  };

  bool request_has_arrived() const;
  bool client_gone();
  boost::asio::awaitable<bool> exchange();
  boost::asio::awaitable<void> response(Exchange& x, ReadResult head_result);
  std::optional<Response> admit(Exchange& x);
  boost::asio::awaitable<std::optional<Response>> receive_body(Exchange& x);
  boost::asio::awaitable<Response> call_handler(Exchange& x);
  void hold_response(Exchange& x);
  void report(const Exchange& x) const;

  // connection_write.cpp: head and framing; connection_body.cpp: what follows them
  boost::asio::awaitable<bool> write_response(Exchange& x);
  void choose_coding(Exchange& x);
  Framing choose_framing(Exchange& x);
  boost::asio::awaitable<bool> write_body(Exchange& x, bool chunked);
  boost::asio::awaitable<bool> write_pieces(Exchange& x, bool chunked);
  boost::asio::awaitable<bool> write_piece(Exchange& x, std::string_view piece, bool chunked);
  boost::asio::awaitable<bool> write_coded(Exchange& x, std::string_view piece, bool chunked);
  boost::asio::awaitable<bool> write_end(Exchange& x, bool chunked);
  boost::asio::awaitable<bool> send_chunk(Exchange& x, std::string_view data, bool chunked);
  boost::asio::awaitable<bool> send(Exchange& x, std::string_view first, std::string_view second = std::string_view(),
                                    std::string_view third = std::string_view());
  boost::asio::awaitable<void> linger();

  std::shared_ptr<ServerState> server_;
  boost::asio::ip::tcp::socket socket_;
  Watchdog watchdog_;
  RequestReader reader_;
  Phase phase_ = Phase::idle;
  std::string allowed_host_;  ///< the previous request's Host, which was allowed
  bool cut_resets_ =
      false;  ///< sending a body that ends with the connection: only a reset tells the client that it is incomplete
};

}  // namespace prompted::http
