#pragma once
// The checks that a new connection must pass before it is used.
#include <functional>
#include <stdexcept>
#include <string>

namespace prompted::pg {

class Session;

/// The database is reachable but not fit for this daemon. `what_is_wrong` is the name of the check in /readyz
/// ("schema"); the text says why.
struct Refusal : std::runtime_error {
  Refusal(std::string check, const std::string& text) : runtime_error(text), what_is_wrong(std::move(check)) {}
  std::string what_is_wrong;
};

/// Rights of a session's role beyond those that a daemon needs (docs/operations.md, "Database roles").
struct Rights {
  std::string role;
  bool superuser = false;
  bool owner = false;  ///< of the daemon's main table
};
/// Logs excess rights once per process, however many connections there are. Call on the owner's thread.
void warn_of_rights(const Rights& rights);

/// Throws Refusal("schema") if the database's migrations are older than `version`, or `version` itself is dirty. A
/// newer schema is fine: migrations only add (docs/operations.md#upgrading). Without golang-migrate's table, or without
/// the right to read it, only checks that `table` exists. Stores the session's rights.
void require_schema(Session& session, int version, const char* table);

/// Ensures that all daemons of a queue use the same partition count: the first one stores its count (queue_settings),
/// and the others must match it. Throws Refusal("partition_count"), which names the command that changes the count.
void require_partition_count(Session& session, int count);

/// Both checks, as Options::admit of the queue's daemons.
std::function<void(Session&)> admit_to_queue(int version, int partition_count);

}  // namespace prompted::pg
