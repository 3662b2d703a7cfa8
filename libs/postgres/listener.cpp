#include "postgres/listener.hpp"

#include <unistd.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>
#include <thread>

#include "base/backoff.hpp"
#include "base/owner.hpp"
#include "base/thread.hpp"
#include "postgres/dsn.hpp"
#include "postgres/session.hpp"
#include "postgres/socket_handle.hpp"

namespace prompted::pg {

namespace asio = boost::asio;

struct Listener::Impl {
  Impl(asio::io_context& owner, std::string dsn_text, std::string channel_name, std::function<void()> callback)
      : home(owner),
        dsn(with_parameter(
            with_parameter(with_parameter(dsn_text, "connect_timeout", "3"), "application_name", "prompted-listener"),
            "target_session_attrs", "read-write")),  // a standby rejects LISTEN
        channel(std::move(channel_name)),
        hint(std::move(callback)) {
    asio::post(context, [this] { connect(); });
    thread = base::start_thread([this] { context.run(); });
  }

  ~Impl() {
    context.stop();  // before the cut: connect() checks it after publishing its socket
    connection.cut();
    thread.join();
  }

  // The functions below run on the listener's thread.
  void connect() {
    try {
      session.emplace(dsn);
      connection.represent(session->connection().sock());
      if (context.stopped()) return;
      subscription.emplace(session->connection(), channel, [this] { heard = true; });
      socket.assign(::dup(session->connection().sock()));
      backoff.reset();
      tell(true, true);
      wait();
    } catch (const std::exception&) {
      reconnect();
    }
  }

  void wait() {
    socket.async_wait(asio::posix::stream_descriptor::wait_read, [this](boost::system::error_code error) {
      if (!error) read();
    });
  }

  void read() {
    try {
      heard = false;
      session->connection().get_notifs();
      if (!session->connection().is_open()) return reconnect();
      if (heard) tell(true, true);
      wait();
    } catch (const std::exception&) {
      reconnect();
    }
  }

  void reconnect() {
    if (context.stopped()) return;
    tell(false, false);
    boost::system::error_code ignored;
    socket.close(ignored);
    connection.cut();  // the subscription's destructor sends UNLISTEN and would wait for the response
    subscription.reset();
    session.reset();
    retry.expires_after(backoff.next());
    retry.async_wait([this](boost::system::error_code error) {
      if (!error) connect();
    });
  }

  void tell(bool is_connected, bool look_now) {
    asio::post(home, [this, is_connected, look_now] {
      connected = is_connected;
      if (look_now) hint();
    });
  }

  asio::io_context& home;
  std::string dsn;
  std::string channel;
  std::function<void()> hint;  // owned by the owner's thread, like `connected`
  bool connected = false;
  [[no_unique_address]] base::OwnerThread home_thread;

  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard{context.get_executor()};
  SocketHandle connection;
  asio::posix::stream_descriptor socket{context};
  asio::steady_timer retry{context};
  base::Backoff backoff{std::chrono::milliseconds(50), std::chrono::milliseconds(5000)};
  std::optional<Session> session;
  std::optional<Subscription> subscription;  // destroyed before the session
  bool heard = false;
  std::thread thread;
};

Listener::Listener(asio::io_context& owner, std::string dsn, std::string channel, std::function<void()> hint)
    : impl_(std::make_unique<Impl>(owner, std::move(dsn), std::move(channel), std::move(hint))) {}
Listener::~Listener() = default;

bool Listener::connected() const {
  impl_->home_thread.check();
  return impl_->connected;
}

}  // namespace prompted::pg
