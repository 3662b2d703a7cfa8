#pragma once
// Hides the differences between libpqxx 6.4 (Debian 12), 7.8 (Ubuntu 24.04) and 7.10 (Debian 13): statements with
// parameters, binary parameters, notifications. Only for libs/postgres, store.cpp files and tests.
#include <functional>
#include <memory>
#include <pqxx/pqxx>
#include <string>
#include <string_view>

#include "postgres/array.hpp"

#if PQXX_VERSION_MAJOR > 7 || (PQXX_VERSION_MAJOR == 7 && PQXX_VERSION_MINOR >= 10)
#define PROMPTED_PQXX_HAS_LISTEN 1
#endif

namespace prompted::pg {

/// A parameter in PostgreSQL's binary format; the caller owns the bytes.
struct Binary {
  std::string_view bytes;
};
/// An array as a parameter; it must outlive the statement (a temporary of the same expression does).
inline Binary binary(Array& array) { return Binary{array.bytes()}; }
inline Binary binary(Array&& array) { return Binary{array.bytes()}; }

template <class T>
const T& as_parameter(const T& value) {
  return value;
}
inline auto as_parameter(const Binary& value) {
#if PQXX_VERSION_MAJOR >= 7
  return pqxx::binary_cast(value.bytes.data(), value.bytes.size());
#else
  return pqxx::binarystring(value.bytes.data(), value.bytes.size());
#endif
}

/// Executes `text` with parameters $1… in one round trip, never prepared.
template <class... Args>
pqxx::result exec_params(pqxx::transaction_base& work, const std::string& text, const Args&... args) {
#ifdef PROMPTED_PQXX_HAS_LISTEN
  return work.exec(text, pqxx::params{as_parameter(args)...});
#else
  return work.exec_params(text, as_parameter(args)...);
#endif
}

/// Calls `heard` for every notification that arrives while connection.get_notifs() runs. Destroy it before the
/// connection.
class Subscription {
 public:
  Subscription(pqxx::connection& connection, const std::string& channel, std::function<void()> heard)
#ifdef PROMPTED_PQXX_HAS_LISTEN
  {
    connection.listen(channel, [call = std::move(heard)](const pqxx::notification&) { call(); });
  }
#else
      : receiver_(std::make_unique<Receiver>(connection, channel, std::move(heard))) {
  }

 private:
  struct Receiver final : pqxx::notification_receiver {
    Receiver(pqxx::connection& connection, const std::string& channel, std::function<void()> heard)
        : notification_receiver(connection, channel), call(std::move(heard)) {}
    void operator()(const std::string&, int) override { call(); }
    std::function<void()> call;
  };
  std::unique_ptr<Receiver> receiver_;
#endif
};

}  // namespace prompted::pg
