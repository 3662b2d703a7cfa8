#pragma once
// One connection as a job sees it. For store.cpp files, this library and tests alone: it brings pqxx along.
#include <chrono>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/owner.hpp"
#include "postgres/admission.hpp"
#include "postgres/errors.hpp"
#include "postgres/libpqxx.hpp"
#include "postgres/statement.hpp"

namespace prompted::pg {

/// Owner: its worker thread, or a test.
class Session {
 public:
  explicit Session(const std::string& dsn, std::chrono::milliseconds slow_statement = std::chrono::milliseconds{0});

  /// Runs "SET …" statements in one round trip.
  void set_up(const std::vector<std::string>& statements);

  /// One statement, one round trip, its own transaction, never prepared: always a plan for the actual parameters.
  /// Throws StatementError; pqxx::broken_connection and pqxx::in_doubt_error pass through (Database makes them Unavailable).
  template <class... Args>
  pqxx::result exec(const Statement& statement, const Args&... args) {
    owner_thread_.check();
    const SlowStatement watch(statement, slow_statement_);
    try {
      pqxx::nontransaction work(connection_);
      return exec_params(work, statement.text, args...);
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
  /// Logs a statement that took long, whether it succeeded or not.
  class SlowStatement {
   public:
    SlowStatement(const Statement& statement, std::chrono::milliseconds limit);
    ~SlowStatement();
    SlowStatement(const SlowStatement&) = delete;
    SlowStatement& operator=(const SlowStatement&) = delete;

   private:
    const Statement& statement_;
    std::chrono::milliseconds limit_;
    base::TimePoint began_;
  };

  pqxx::connection connection_;
  std::chrono::milliseconds slow_statement_;  ///< 0: none is
  [[no_unique_address]] base::OwnerThread owner_thread_;
};

}  // namespace prompted::pg
