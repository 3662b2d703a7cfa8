#pragma once
// One connection as a job sees it. Only for store.cpp files, this library and tests, because it includes pqxx.
#include <chrono>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/owner.hpp"
#include "postgres/admission.hpp"
#include "postgres/errors.hpp"
#include "postgres/libpqxx.hpp"
#include "postgres/statement.hpp"
#include "postgres/statement_counts.hpp"

namespace prompted::pg {

/// Owner: its worker thread, or a test.
class Session {
 public:
  /// `counts`, if given, must outlive the session.
  explicit Session(const std::string& dsn, std::chrono::milliseconds slow_statement = std::chrono::milliseconds{0},
                   StatementCounts* counts = nullptr);

  /// Runs "SET …" statements in one round trip.
  void set_up(const std::vector<std::string>& statements);

  /// Executes one statement in its own transaction and one round trip. It is never prepared, so the plan is always for
  /// the actual parameters. Throws StatementError; pqxx::broken_connection and pqxx::in_doubt_error pass through
  /// (Database converts them to Unavailable).
  template <class... Args>
  pqxx::result exec(const Statement& statement, const Args&... args) {
    owner_thread_.check();
    Watch watch(*this, statement);
    try {
      pqxx::nontransaction work(connection_);
      pqxx::result result = exec_params(work, statement.text, args...);
      watch.succeeded();
      return result;
    } catch (const pqxx::in_doubt_error&) {
      throw;
    } catch (const pqxx::insufficient_privilege& error) {
      throw StatementError(statement.name, "42501", error.what());  // libpqxx 6 leaves the SQLSTATE of this one empty
    } catch (const pqxx::sql_error& error) {
      throw StatementError(statement.name, error.sqlstate(), error.what());
    }
  }

  pqxx::connection& connection() {
    owner_thread_.check();
    return connection_;
  }

  Rights rights;  ///< as require_schema() found them

 private:
  /// Counts a statement and logs it if it was slow, whether it succeeded or not.
  class Watch {
   public:
    Watch(Session& session, const Statement& statement);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    void succeeded() { failed_ = false; }

   private:
    Session& session_;
    const Statement& statement_;
    base::TimePoint began_;
    bool failed_ = true;
  };

  pqxx::connection connection_;
  std::chrono::milliseconds slow_statement_;  ///< 0: none is
  StatementCounts* counts_;
  [[no_unique_address]] base::OwnerThread owner_thread_;
};

}  // namespace prompted::pg
