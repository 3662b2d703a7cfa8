#pragma once
// LISTEN as a hint: a connection on a thread of its own that tells the owner "look now". A lost notification costs time
// only, so this never reports an error: it reconnects by itself.
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>

namespace prompted::pg {

/// Owner: the thread of `owner`. Destroy it before the io_context.
class Listener {
 public:
  /// `hint` is called on the owner after each batch of notifications on `channel`, and after each (re)connect.
  Listener(boost::asio::io_context& owner, std::string dsn, std::string channel, std::function<void()> hint);
  ~Listener();

  bool connected() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace prompted::pg
