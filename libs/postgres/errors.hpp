#pragma once
// How a database job can fail. Unavailable, Overloaded and Expired are base::Errors and become 503 by themselves.
#include <stdexcept>
#include <string>

#include "base/error.hpp"

namespace prompted::pg {

/// No connection, or it broke while the job ran: the outcome is unknown; repeat only what is idempotent.
struct Unavailable : base::Error {
  explicit Unavailable(const std::string& detail = "database is not reachable")
      : Error(base::ErrorKind::unavailable, detail) {}
};
/// The bounded list of waiting jobs is full: nothing was sent.
struct Overloaded : base::Error {
  Overloaded() : Error(base::ErrorKind::overloaded, "database queue is full") {}
};
/// The job's deadline passed, in the queue or while it ran (outcome unknown then).
struct Expired : base::Error {
  Expired() : Error(base::ErrorKind::expired, "database did not respond in time") {}
};

/// Postgres refused the statement. Logged with its text by whoever catches it; never shown to a client.
struct StatementError : std::runtime_error {
  StatementError(std::string statement_name, std::string state, const std::string& text)
      : runtime_error(text), statement(std::move(statement_name)), sqlstate(std::move(state)) {}

  /// The data is at fault (class 22, 23 or 54): retrying the same rows fails again. Not a unique violation: every
  /// insert here names the key whose conflicts it expects, so what is left is a collision of the primary key, of which
  /// no row is guilty.
  bool data_error() const {
    if (unique_violation()) return false;
    return sqlstate.starts_with("22") || sqlstate.starts_with("23") || sqlstate.starts_with("54");
  }
  bool unique_violation() const { return sqlstate == "23505"; }
  /// For logs, behind what(): what an operator can do about rows of `table` that collide in its primary key, or "".
  std::string advice(const std::string& table) const {
    if (!unique_violation()) return {};
    return "; the sequence of " + table + ".id is behind its rows: SELECT setval(pg_get_serial_sequence('" + table +
           "', 'id'), (SELECT max(id) FROM " + table + "))";
  }
  /// read_only_sql_transaction: the server became a standby, or never was the primary. Retrying needs another
  /// connection.
  bool read_only() const { return sqlstate == "25006"; }
  /// Not about these rows: a missing table, column or right, no resources, an operator's doing, a lost connection, a
  /// conflict between transactions. Whatever rows are sent, it fails. What is neither this nor a data error (a
  /// trigger's P0001, a damaged page's XX001) may be one row's fault, and is if others of the same statement pass
  /// without it.
  bool outage() const {
    for (const char* any : {"08", "0A", "25", "26", "28", "3D", "3F", "40", "42", "53", "55", "57", "58"})
      if (sqlstate.starts_with(any)) return true;
    return sqlstate.empty() || unique_violation();
  }
  /// Out of resources, an operator's doing, a deadlock or a serialization failure (class 53, 57, 40, 55, 58): may be
  /// repeated.
  bool transient() const {
    return sqlstate.starts_with("53") || sqlstate.starts_with("57") || sqlstate.starts_with("40") ||
           sqlstate.starts_with("55") || sqlstate.starts_with("58");
  }

  std::string statement;
  std::string sqlstate;
};

}  // namespace prompted::pg
