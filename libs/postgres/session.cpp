#include "postgres/session.hpp"

namespace prompted::pg {

namespace {

/// libpqxx 6 reconnects by itself inside a statement and would lose the settings of on_connect; 7 does not any more.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
template <class Connection>
void never_reconnect_silently(Connection& connection) {
  if constexpr (requires { connection.inhibit_reactivation(true); }) connection.inhibit_reactivation(true);
}
#pragma GCC diagnostic pop

}  // namespace

Session::Session(const std::string& dsn) : connection_(dsn) { never_reconnect_silently(connection_); }

void Session::set_up(const std::vector<std::string>& statements) {
  if (statements.empty()) return;
  std::string all;
  for (const auto& statement : statements) all += statement + "; ";
  pqxx::nontransaction work(connection_);
  work.exec(all);
}

}  // namespace prompted::pg
