#pragma once
// What a new connection must show before it is used.
#include <functional>
#include <stdexcept>
#include <string>

namespace prompted::pg {

class Session;

/// The database answers and is not fit for this daemon. `what` is the check of /readyz ("schema"), the text says why.
struct Refusal : std::runtime_error {
  Refusal(std::string check, const std::string& text) : runtime_error(text), what_is_wrong(std::move(check)) {}
  std::string what_is_wrong;
};

/// What a session's role may do beyond a daemon's needs (docs/operations.md, "Database roles").
struct Rights {
  std::string role;
  bool superuser = false;
  bool owner = false;  ///< of the daemon's main table
};
/// Logs it once in a process, whatever the number of connections. On the owner's thread.
void warn_of_rights(const Rights& rights);

/// Throws Refusal("schema") when the database's migrations are older than `version`, or `version` itself was left
/// dirty. A newer schema is fine: migrations only add (docs/operations.md#upgrading). Without golang-migrate's table,
/// or without the right to read it, only the presence of `table` is asked for. Notes the session's rights.
void require_schema(Session& session, int version, const char* table);

/// All daemons of one queue partition alike: the first one writes its count down (queue_settings), the others must have
/// the same. Throws Refusal("partition_count"), which names the command that changes it.
void require_partition_count(Session& session, int count);

/// Both, for Options::admit of a daemon of the queue.
std::function<void(Session&)> admit_to_queue(int version, int partition_count);

}  // namespace prompted::pg
