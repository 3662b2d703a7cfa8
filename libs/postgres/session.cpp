#include "postgres/session.hpp"

#include "base/log.hpp"

namespace prompted::pg {

namespace {

/// libpqxx 6 reconnects by itself within a statement and would lose the settings of on_connect; 7 no longer does.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
template <class Connection>
void never_reconnect_silently(Connection& connection) {
  if constexpr (requires { connection.inhibit_reactivation(true); }) connection.inhibit_reactivation(true);
}
#pragma GCC diagnostic pop

}  // namespace

Session::Session(const std::string& dsn, std::chrono::milliseconds slow_statement, StatementCounts* counts)
    : connection_(dsn), slow_statement_(slow_statement), counts_(counts) {
  never_reconnect_silently(connection_);
}

Session::Watch::Watch(Session& session, const Statement& statement)
    : session_(session), statement_(statement), began_(base::Clock::now()) {}

Session::Watch::~Watch() {
  const base::Duration took = base::Clock::now() - began_;
  if (session_.counts_ != nullptr) session_.counts_->add(statement_.name, failed_, took);
  const std::chrono::milliseconds limit = session_.slow_statement_;
  if (limit == std::chrono::milliseconds(0) || took < limit) return;
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(took);
  log::warn("slow statement", {{"statement", statement_.name}, {"ms", millis.count()}});
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
