#pragma once
// Turns notifications into hints: a connection on its own thread LISTENs and tells the owner to poll now. A lost
// notification only costs time, so this reports no errors and reconnects by itself.
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>

namespace prompted::pg {

/// Owner: the thread of `owner`. Destroy it before the io_context.
class Listener {
 public:
  /// `hint` is called on the owner's thread after each batch of notifications on `channel`, and after each (re)connect.
  Listener(boost::asio::io_context& owner, std::string dsn, std::string channel, std::function<void()> hint);
  ~Listener();

  bool connected() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace prompted::pg
