#include "postgres/session.hpp"

#include "base/log.hpp"

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

Session::Session(const std::string& dsn, std::chrono::milliseconds slow_statement)
    : connection_(dsn), slow_statement_(slow_statement) {
  never_reconnect_silently(connection_);
}

Session::SlowStatement::SlowStatement(const Statement& statement, std::chrono::milliseconds limit)
    : statement_(statement), limit_(limit), began_(base::Clock::now()) {}

Session::SlowStatement::~SlowStatement() {
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(base::Clock::now() - began_);
  if (limit_ == std::chrono::milliseconds(0) || took < limit_) return;
  log::warn("slow statement", {{"statement", statement_.name}, {"ms", took.count()}});
}

void Session::set_up(const std::vector<std::string>& statements) {
  owner_thread_.check();
  if (statements.empty()) return;
  std::string all;
  for (const auto& statement : statements) all += statement + "; ";
  pqxx::nontransaction work(connection_);
  work.exec(all);
}

}  // namespace prompted::pg
