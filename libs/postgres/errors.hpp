#pragma once
// The ways a database job can fail. Unavailable, Overloaded and Expired are base::Errors and so become 503.
#include <stdexcept>
#include <string>

#include "base/error.hpp"

namespace prompted::pg {

/// There is no connection, or it broke while the job ran. The outcome is unknown: retry only what is idempotent.
struct Unavailable : base::Error {
  explicit Unavailable(const std::string& detail = "database is not reachable")
      : Error(base::ErrorKind::unavailable, detail) {}
};
/// The bounded list of waiting jobs is full. Nothing was sent.
struct Overloaded : base::Error {
  Overloaded() : Error(base::ErrorKind::overloaded, "database queue is full") {}
};
/// The job's deadline passed while it waited, or while it ran (then the outcome is unknown).
struct Expired : base::Error {
  Expired() : Error(base::ErrorKind::expired, "database did not respond in time") {}
};

/// PostgreSQL rejected the statement. Whoever catches it logs the text; clients never see it.
struct StatementError : std::runtime_error {
  StatementError(std::string statement_name, std::string state, const std::string& text)
      : runtime_error(text), statement(std::move(statement_name)), sqlstate(std::move(state)) {}

  /// The data is at fault (class 22, 23 or 54): retrying the same rows fails again. A unique violation does not count:
  /// every insert here names the key whose conflicts it expects, so it is a primary key collision, which is no row's
  /// fault.
  bool data_error() const {
    if (unique_violation()) return false;
    return sqlstate.starts_with("22") || sqlstate.starts_with("23") || sqlstate.starts_with("54");
  }
  bool unique_violation() const { return sqlstate == "23505"; }
  /// Advice to append to what() in logs: how an operator fixes primary key collisions in `table`. "" for other errors.
  std::string advice(const std::string& table) const {
    if (!unique_violation()) return {};
    return "; the sequence of " + table + ".id is behind its rows: SELECT setval(pg_get_serial_sequence('" + table +
           "', 'id'), (SELECT max(id) FROM " + table + "))";
  }
  /// read_only_sql_transaction: the server became a standby, or never was the primary. Retrying needs another
  /// connection.
  bool read_only() const { return sqlstate == "25006"; }
  /// The rows are not at fault: a missing table, column or right, exhausted resources, operator intervention, a lost
  /// connection, or a conflict between transactions. Any rows would fail. An error that is neither this nor a data
  /// error (a trigger's P0001, a damaged page's XX001) may be one row's fault. It is, if the other rows of the
  /// statement succeed without that row.
  bool outage() const {
    for (const char* any : {"08", "0A", "25", "26", "28", "3D", "3F", "40", "42", "53", "55", "57", "58"})
      if (sqlstate.starts_with(any)) return true;
    return sqlstate.empty() || unique_violation();
  }
  /// Exhausted resources, operator intervention, a deadlock or a serialization failure (class 53, 57, 40, 55, 58):
  /// worth retrying.
  bool transient() const {
    return sqlstate.starts_with("53") || sqlstate.starts_with("57") || sqlstate.starts_with("40") ||
           sqlstate.starts_with("55") || sqlstate.starts_with("58");
  }

  std::string statement;
  std::string sqlstate;
};

}  // namespace prompted::pg
