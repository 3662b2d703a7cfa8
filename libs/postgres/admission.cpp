#include "postgres/admission.hpp"

#include "base/log.hpp"
#include "postgres/session.hpp"

namespace prompted::pg {

namespace {

constexpr Statement table_exists{"table_exists", "SELECT to_regclass($1) IS NOT NULL"};
constexpr Statement read_version{"read_version", "SELECT version, dirty FROM schema_migrations LIMIT 1"};
constexpr Statement read_partition_count{"read_partition_count", "SELECT partition_count FROM queue_settings"};
constexpr Statement write_partition_count{
    "write_partition_count",
    "INSERT INTO queue_settings (id, partition_count) VALUES (1, $1::int) ON CONFLICT (id) DO NOTHING"};
/// A superuser counts as the owner of everything.
constexpr Statement read_rights{"read_rights", R"(
SELECT r.rolname, r.rolsuper,
       EXISTS (SELECT 1 FROM pg_class c WHERE c.oid = to_regclass($1) AND pg_has_role(c.relowner, 'USAGE'))
  FROM pg_roles r WHERE r.rolname = current_user)"};
constexpr const char* insufficient_privilege = "42501";

bool exists(Session& session, const char* table) { return session.exec(table_exists, table)[0][0].as<bool>(); }

Rights rights_of(Session& session, const char* table) {
  Rights rights;
  const auto rows = session.exec(read_rights, table);
  if (rows.empty()) return rights;
  rights.role = rows[0][0].c_str();
  rights.superuser = rows[0][1].as<bool>();
  rights.owner = rows[0][2].as<bool>();
  return rights;
}

}  // namespace

void require_schema(Session& session, int version, const char* table) {
  session.rights = rights_of(session, table);
  const std::string needed = std::to_string(version) + " needed: make migrate-up";
  if (!exists(session, "schema_migrations")) {
    if (exists(session, table)) return;
    throw Refusal("schema", "no tables, version " + needed);
  }
  try {
    const auto rows = session.exec(read_version);
    const int found = rows.empty() ? 0 : rows[0][0].as<int>();
    const bool dirty = !rows.empty() && rows[0][1].as<bool>();
    if (found < version) throw Refusal("schema", "version " + std::to_string(found) + ", " + needed);
    if (found == version && dirty) throw Refusal("schema", "version " + std::to_string(found) + " is dirty");
  } catch (const StatementError& error) {
    if (error.sqlstate != insufficient_privilege) throw;
  }
}

void warn_of_rights(const Rights& rights) {
  static bool said = false;
  if (said || (!rights.superuser && !rights.owner)) return;
  said = true;
  log::warn("the database role has more rights than this daemon needs; make roles creates one role per daemon",
            {{"role", rights.role}, {"superuser", rights.superuser}, {"owner", rights.owner}});
}

void require_partition_count(Session& session, int count) {
  auto rows = session.exec(read_partition_count);
  if (rows.empty()) {
    session.exec(write_partition_count, count);
    rows = session.exec(read_partition_count);
  }
  const int agreed = rows.empty() ? count : rows[0][0].as<int>();
  if (agreed == count) return;
  const std::string mine = std::to_string(count);
  const std::string theirs = std::to_string(agreed);
  throw Refusal("partition_count", "MQ_PARTITION_COUNT is " + mine + ", the queue has " + theirs +
                                       " partitions: set it to " + theirs +
                                       ", or change the queue with make partitions COUNT=" + mine);
}

std::function<void(Session&)> admit_to_queue(int version, int partition_count) {
  return [version, partition_count](Session& session) {
    require_schema(session, version, "queue_messages");
    require_partition_count(session, partition_count);
  };
}

}  // namespace prompted::pg
