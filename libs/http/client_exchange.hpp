#pragma once
// One request and its response on one connection. Internal to this library.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/byte_budget.hpp"
#include "base/error.hpp"
#include "base/signal.hpp"
#include "http/client.hpp"
#include "http/watchdog.hpp"

namespace prompted::http {

/// The budget of all response bodies of a client. Owner: the client's.
struct ResponseRoom : std::enable_shared_from_this<ResponseRoom> {
  ResponseRoom(boost::asio::io_context& owner, std::size_t most) : freed(owner), budget{most, 0} {}

  /// Reserves `bytes` until the last copy of the result is destroyed. nullptr while there is no room.
  std::shared_ptr<const void> take(std::size_t bytes);

  base::Signal freed;
  base::ByteBudget budget;
};

/// Owner: the client's. The deadline and abort() close the socket and so wake any wait; failure() then says which of
/// the two it was.
class ClientExchange : public std::enable_shared_from_this<ClientExchange> {
 public:
  ClientExchange(boost::asio::io_context& owner, std::string label, base::TimePoint deadline);

  /// Takes over a connection from the pool.
  void adopt(boost::asio::ip::tcp::socket socket) { socket_ = std::move(socket); }
  /// Connects; false on failure. `endpoint` outlives the call, as do `head` and `body` below.
  boost::asio::awaitable<bool> connect(const Endpoint& endpoint, std::chrono::milliseconds timeout);
  /// Sends the request and reads the response; nullopt on failure.
  boost::asio::awaitable<std::optional<ClientResponse>> perform(std::string_view head, std::string_view body,
                                                                bool head_request, std::size_t response_bytes,
                                                                std::shared_ptr<ResponseRoom> room);
  void abort();

  /// The connection broke by itself before the first byte of a response.
  bool died_silently() const { return ending_ == Ending::none && !response_began_; }
  /// The whole response was read, and the server keeps the connection open.
  bool reusable() const { return reusable_ && ending_ == Ending::none; }
  boost::asio::ip::tcp::socket release() { return std::move(socket_); }
  base::Error failure() const;

 private:
  enum class Ending { none, deadline, aborted };

  void end(Ending ending);
  void time_is_up();
  boost::asio::awaitable<std::vector<boost::asio::ip::tcp::endpoint>> look_up(const Endpoint& endpoint);
  boost::asio::awaitable<bool> connect_to(boost::asio::ip::tcp::endpoint address, std::chrono::milliseconds timeout);
  boost::asio::awaitable<std::optional<ClientResponse>> read_response(bool head_request, std::size_t response_bytes,
                                                                      std::shared_ptr<ResponseRoom> room);

  boost::asio::io_context& owner_;
  std::string label_;
  base::TimePoint deadline_;
  boost::asio::ip::tcp::socket socket_;
  base::Signal woken_;
  Watchdog watchdog_;
  Ending ending_ = Ending::none;
  bool address_only_ =
      false;           ///< the watchdog is armed with the limit for connecting to one address, not with the deadline
  std::string error_;  ///< from the operating system, or what was wrong with the response
  bool response_began_ = false;
  bool reusable_ = false;
  [[no_unique_address]] base::OwnerThread owner_thread_;
};

}  // namespace prompted::http
