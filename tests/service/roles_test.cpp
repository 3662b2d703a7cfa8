// Each daemon's database role (migrations/roles.psql) grants the required rights and nothing more.
#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <regex>

#include "apigw/sql.hpp"
#include "collector/sql.hpp"
#include "mqreader/dead_letters/sql.hpp"
#include "mqreader/lease/sql.hpp"
#include "mqreader/ownership/sql.hpp"
#include "mqreader/poll/sql.hpp"
#include "mqwriter/sql.hpp"
#include "service/queue_fixture.hpp"

namespace prompted::test {
namespace {

const std::vector<std::string> daemons{"mqwriter", "mqreader", "collector", "apigw"};
constexpr const char* denied = "42501";
constexpr const char* may_do_more = "the database role has more rights than this daemon needs";

/// The same database as another user.
std::string as(const std::string& user, std::string url) {
  const auto begin = url.find("//") + 2;
  return url.replace(begin, url.find('@') - begin, user + ":x");
}

/// The SQLSTATE of a failed statement; "" when it succeeds.
std::string sqlstate(const std::string& url, const std::string& text) {
  try {
    sql(url, text);
    return "";
  } catch (const pqxx::insufficient_privilege&) {
    return denied;  // libpqxx 6 leaves the SQLSTATE of this one empty
  } catch (const pqxx::sql_error& error) {
    return error.sqlstate();
  }
}

class Roles : public testing::Test {
 protected:
  Finished apply(const std::string& database, Environment more = {}) const {
    more["DATABASE_URL"] = database;
    return run_program({source_path("deploy/host/roles.sh")}, more);
  }
  void must_apply(const Environment& more = {{"PRIVATE_DATABASE", "yes"}}) const {
    const Finished done = apply(url, more);
    ASSERT_EQ(done.exit_code, 0) << done.output;
    ASSERT_EQ(done.output,
              "database roles: rights granted to prompted_mqwriter, prompted_mqreader, prompted_collector, "
              "prompted_apigw\n");
  }
  std::string of(const std::string& daemon) const { return as("prompted_" + daemon, url); }
  /// A new database that `user` owns.
  std::string migrated_by(const std::string& user, const std::string& rights = "") const {
    const std::string as_admin = cluster.url("postgres");
    if (user != "prompted") sql(as_admin, "CREATE ROLE " + user + " LOGIN " + rights);
    sql(as_admin, "CREATE DATABASE of_" + user + " OWNER " + user);
    const std::string theirs = as(user, cluster.url("of_" + user));
    const Finished done = run_program({source_path("deploy/host/migrate.sh"), "up"},
                                      {{"DATABASE_URL", theirs}, {"MIGRATE_WITH", "psql"}});
    EXPECT_EQ(done.exit_code, 0) << done.output;
    return theirs;
  }

  PostgresCluster cluster;  // one per test, because roles belong to the whole cluster
  std::string url = migrated_by("prompted");
};

// ---- Every statement of every daemon

struct Listed {
  const char* daemon;
  pg::Statement statement;
};

#define OF(daemon, name) \
  { #daemon, prompted::daemon::sql::name }
const std::vector<Listed> statements{
    OF(mqwriter, insert_messages),
    OF(mqwriter, insert_keyed_messages),
    OF(mqwriter, wait_for_replication),
    OF(mqwriter, find_other_content),
    OF(mqwriter, check_payload),
    OF(mqwriter, notify_readers),
    OF(mqreader, poll),
    OF(mqreader, new_incarnation),
    OF(mqreader, adopt_foreign_rows),
    OF(mqreader, delete_messages),
    OF(mqreader, persist_attempts),
    OF(mqreader, dead_letter_messages),
    OF(mqreader, list_seen),
    OF(mqreader, count_backlog),
    OF(mqreader, fetch_messages),
    OF(mqreader, renew_reader),
    OF(mqreader, register_reader),
    OF(mqreader, list_predecessors),
    OF(mqreader, reap_silent_reader),
    OF(mqreader, make_partitions),
    OF(mqreader, reap_readers),
    OF(mqreader, list_readers),
    OF(mqreader, list_owners),
    OF(mqreader, claim_partitions),
    OF(mqreader, release_partitions),
    OF(mqreader, delete_reader),
    OF(mqreader, list_dead_letters),
    OF(mqreader, read_clock),
    OF(mqreader, redrive_page),
    OF(mqreader, purge_page),
    OF(mqreader, redrive_named),
    OF(mqreader, purge_named),
    OF(mqreader, notify_readers),
    OF(collector, insert_telemetry),
    OF(collector, find_other_content),
    OF(apigw, gpu_rows_up),
    OF(apigw, gpu_rows_down),
    OF(apigw, metric_rows_up),
    OF(apigw, metric_rows_down),
    OF(apigw, fleet_rows_up),
    OF(apigw, fleet_rows_down),
    OF(apigw, gpu_tag),
    OF(apigw, metric_tag),
    OF(apigw, fleet_tag),
    OF(apigw, gpu_buckets),
    OF(apigw, metric_buckets),
    OF(apigw, fleet_buckets),
    OF(apigw, fleet_metric_buckets),
    OF(apigw, gpu_next_up),
    OF(apigw, gpu_next_down),
    OF(apigw, metric_next_up),
    OF(apigw, metric_next_down),
    OF(apigw, fleet_metric_next_up),
    OF(apigw, fleet_metric_next_down),
    OF(apigw, fleet_next_up),
    OF(apigw, fleet_next_down),
    OF(apigw, gpu_ids),
    OF(apigw, gpu_details),
    OF(apigw, one_gpu),
    OF(apigw, gpu_metrics),
    OF(apigw, latest_metrics),
    OF(apigw, known_metrics),
};
#undef OF

/// apps/<daemon>/sql.hpp, and those of its rooms.
std::string every_sql_of(const std::string& daemon) {
  std::string text;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(source_path("apps/" + daemon))) {
    if (entry.path().filename() != "sql.hpp") continue;
    std::ifstream file(entry.path());
    text.append(std::istreambuf_iterator<char>(file), {});
  }
  return text;
}

TEST(RolesAreTriedWith, EveryStatementOfEveryDaemon) {
  for (const std::string& daemon : daemons) {
    const std::string text = every_sql_of(daemon);
    const std::regex declaration(R"(inline constexpr pg::Statement\s+(\w+)\s*\{)");
    int found = 0;
    for (std::sregex_iterator at(text.begin(), text.end(), declaration), end; at != end; ++at, ++found) {
      const std::string name = (*at)[1];
      const bool listed = std::any_of(statements.begin(), statements.end(), [&](const Listed& each) {
        return each.daemon == daemon && each.statement.name == name;
      });
      EXPECT_TRUE(listed) << daemon << "'s statement " << name
                          << " is not in the list above: add it, and its rights to "
                          << "migrations/roles.psql";
    }
    EXPECT_GT(found, 0) << daemon;
  }
}

/// EXPLAIN checks all rights on tables, columns and functions without executing anything.
TEST_F(Roles, EveryStatementMayBeRun) {
  must_apply();
  for (const auto& [daemon, statement] : statements) {
    int parameters = 0;
    const std::string text = statement.text;
    const std::regex parameter(R"(\$(\d+))");
    for (std::sregex_iterator at(text.begin(), text.end(), parameter), end; at != end; ++at)
      parameters = std::max(parameters, std::stoi((*at)[1]));
    std::string nulls;
    for (int i = 0; i < parameters; ++i) nulls += i == 0 ? "(NULL" : ", NULL";
    if (parameters > 0) nulls += ")";
    pqxx::connection connection(of(daemon));
    pqxx::nontransaction work(connection);
    EXPECT_NO_THROW({
      work.exec("PREPARE statement AS " + text);
      work.exec("EXPLAIN EXECUTE statement" + nulls);
    }) << daemon
       << " " << statement.name;
  }
}

// ---- The daemons themselves

class RolesPipeline : public Roles {
 protected:
  void start() {
    must_apply();
    const Environment common{{"READER_SWEEP_INTERVAL", "200ms"}, {"MQ_MAX_ATTEMPTS", "2"}};
    running.emplace("mqwriter", Daemon("mqwriter", {{"DATABASE_URL", of("mqwriter")}}));
    Environment reader = common;
    reader["DATABASE_URL"] = of("mqreader");
    running.emplace("mqreader", Daemon("mqreader", reader));
    running.emplace("collector", Daemon("collector", {{"DATABASE_URL", of("collector")},
                                                      {"POLL_INTERVAL_MS", "50"},
                                                      {"MQ_BASE_URL", running.at("mqreader").url()}}));
    running.emplace("apigw", Daemon("apigw", {{"DATABASE_URL", of("apigw")}}));
    for (auto& [name, daemon] : running) daemon.wait_ready();
  }
  json ask(const std::string& daemon, const std::string& path, const json& body,
           const std::multimap<std::string, std::string>& headers = {}) const {
    const Reply response = post(running.at(daemon).url() + path, body.dump(), headers);
    EXPECT_EQ(response.status / 100, 2) << daemon << path << " " << response.body;
    return json::parse(response.body, nullptr, false);
  }
  void publish(const std::string& topic, const json& messages,
               const std::multimap<std::string, std::string>& headers = {}) const {
    ask("mqwriter", "/v1/publish", {{"topic", topic}, {"messages", messages}}, headers);
  }
  static json row(const std::string& metric) {
    return {{"gpu_id", "GPU-1"}, {"metric_name", metric}, {"timestamp", "2026-01-02T03:04:05Z"}, {"value", 1}};
  }
  static json message(int n) { return {{"gpu_id", "GPU-1"}, {"n", n}}; }
  json lease(const std::string& topic) const {
    return ask("mqreader", "/v1/lease",
               {{"topic", topic}, {"consumer_id", "c"}, {"max", 10}, {"lease_seconds", 30}, {"wait_ms", 10000}});
  }
  json target(const std::string& topic, const json& granted) const {
    return {{"topic", topic}, {"consumer_id", "c"}, {"lease_id", granted["lease_id"]}};
  }
  long count(const std::string& table) const { return number(url, "SELECT count(*) FROM " + table); }
  bool become(const std::string& table, long rows) const {
    return eventually([&] { return count(table) == rows; });
  }

  std::map<std::string, Daemon> running;
};

TEST_F(RolesPipeline, EverythingThatDaemonsDoWorksUnderThem) {
  start();
  publish("telemetry", {row("a"), row("b"), {{"gpu_id", "GPU-1"}}});  // the last one is poison
  EXPECT_TRUE(become("telemetry", 2));
  EXPECT_TRUE(become("dead_letters", 1));
  EXPECT_TRUE(become("queue_messages", 0));

  // An idempotent publish, its retry, and one with different content.
  const std::multimap<std::string, std::string> key{{"Idempotency-Key", "01890a5d-ac96-774b-bcce-000000000001"}};
  publish("other", json::array({message(1)}), key);
  publish("other", json::array({message(1)}), key);
  EXPECT_EQ(post(running.at("mqwriter").url() + "/v1/publish",
                 json{{"topic", "other"}, {"messages", json::array({message(2)})}}.dump(), key)
                .status,
            409);

  // Leases: extended, nacked, acknowledged, dead-lettered after two deliveries.
  json granted = lease("other");
  ASSERT_EQ(granted["messages"].size(), 1u) << granted;
  json extend = target("other", granted);
  extend["lease_seconds"] = 60;
  ask("mqreader", "/v1/extend", extend);
  json nack = target("other", granted);
  nack["reason"] = "not now";
  ask("mqreader", "/v1/nack", nack);
  granted = lease("other");
  nack["lease_id"] = granted["lease_id"];
  ask("mqreader", "/v1/nack", nack);
  EXPECT_TRUE(become("dead_letters", 2));
  publish("other", json::array({message(3)}));
  ask("mqreader", "/v1/ack", target("other", lease("other")));
  EXPECT_TRUE(become("queue_messages", 0));

  // Dead letters: listed, redriven by name and all, purged by name and all.
  const std::string letters = running.at("mqreader").url() + "/v1/dead-letters";
  json listed = get(letters + "?topic=other").json();
  ASSERT_EQ(listed["dead_letters"].size(), 1u);
  const json named{{"msg_uuids", {listed["dead_letters"][0]["msg_uuid"]}}};
  EXPECT_EQ(ask("mqreader", "/v1/dead-letters/redrive", named)["redriven"], 1);
  granted = lease("other");
  ASSERT_EQ(granted["messages"].size(), 1u);
  nack["lease_id"] = granted["lease_id"];
  nack["dead"] = true;
  ask("mqreader", "/v1/nack", nack);
  EXPECT_TRUE(become("dead_letters", 2));
  EXPECT_EQ(ask("mqreader", "/v1/dead-letters/purge", named)["purged"], 1);
  EXPECT_EQ(ask("mqreader", "/v1/dead-letters/redrive", {{"all", true}})["redriven"], 1);
  EXPECT_TRUE(become("dead_letters", 1)) << "the poison dies again";
  EXPECT_EQ(ask("mqreader", "/v1/dead-letters/purge", {{"all", true}})["purged"], 1);

  // Another server's transaction ids, which the sweep adopts; a lease of a redelivered message.
  sql(url,
      "INSERT INTO queue_messages (topic, msg_uuid, payload, partition_key, xid) VALUES "
      "('other', gen_random_uuid(), '{}', 1, '999999999')");
  EXPECT_EQ(lease("other")["messages"].size(), 1u);
  EXPECT_EQ(get(running.at("mqreader").url() + "/v1/partitions").status, 200);

  const std::string api = running.at("apigw").url() + "/api/v1";
  for (const char* path :
       {"/gpus", "/gpus?details=true", "/gpus/GPU-1", "/gpus/GPU-1/metrics", "/gpus/GPU-1/telemetry",
        "/gpus/GPU-1/telemetry?metric_name=a", "/gpus/GPU-1/telemetry?limit=1&order=desc", "/telemetry",
        "/telemetry?metric_name=a&limit=1", "/telemetry?step=1m&agg=avg", "/gpus/GPU-1/telemetry?step=1m",
        "/telemetry?start_time=2026-01-01T00:00:00Z&end_time=2026-01-03T00:00:00Z&format=csv", "/metrics/latest"}) {
    EXPECT_EQ(get(api + path).status, 200) << path;
  }

  for (auto& [name, daemon] : running) {
    if (name != "mqreader") {
      EXPECT_EQ(daemon.stop(), 0) << name;
    }
  }
  EXPECT_EQ(running.at("mqreader").stop(), 0);
  EXPECT_EQ(count("queue_readers"), 0) << "it takes its row away";
  for (auto& [name, daemon] : running) {
    for (const std::string text : {"permission denied", denied, may_do_more})
      EXPECT_EQ(daemon.log_with(text), std::vector<std::string>{}) << name;
  }
}

// ---- Nothing more

TEST_F(Roles, NoOtherTableAndNoOtherRight) {
  must_apply();
  // S, I, U: on the table or a column. D, T: DELETE, TRUNCATE. R, t: REFERENCES, TRIGGER.
  const std::map<std::string, std::map<std::string, std::string>> wanted{
      {"mqwriter", {{"queue_messages", "SI"}, {"queue_settings", "SI"}, {"schema_migrations", "S"}}},
      {"mqreader",
       {{"queue_messages", "SIUD"},
        {"queue_settings", "SI"},
        {"queue_incarnation", "SI"},
        {"queue_readers", "SIUD"},
        {"queue_partitions", "SIU"},
        {"dead_letters", "SIUD"},
        {"telemetry", "S"},
        {"schema_migrations", "S"}}},
      {"collector", {{"telemetry", "SI"}, {"schema_migrations", "S"}}},
      {"apigw", {{"telemetry", "S"}, {"schema_migrations", "S"}}}};
  const auto rows = sql(url, R"(
    SELECT substr(r.rolname, 10), c.relname,
           concat(CASE WHEN has_any_column_privilege(r.oid, c.oid, 'SELECT') THEN 'S' END,
                  CASE WHEN has_any_column_privilege(r.oid, c.oid, 'INSERT') THEN 'I' END,
                  CASE WHEN has_any_column_privilege(r.oid, c.oid, 'UPDATE') THEN 'U' END,
                  CASE WHEN has_table_privilege(r.oid, c.oid, 'DELETE') THEN 'D' END,
                  CASE WHEN has_table_privilege(r.oid, c.oid, 'TRUNCATE') THEN 'T' END,
                  CASE WHEN has_any_column_privilege(r.oid, c.oid, 'REFERENCES') THEN 'R' END,
                  CASE WHEN has_table_privilege(r.oid, c.oid, 'TRIGGER') THEN 't' END)
      FROM pg_roles r, pg_class c
     WHERE r.rolname LIKE 'prompted\_%' AND c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace)");
  std::map<std::string, std::map<std::string, std::string>> found;
  for (const auto& row : rows) {
    if (*row[2].c_str() != '\0') found[row[0].c_str()][row[1].c_str()] = row[2].c_str();
  }
  EXPECT_EQ(found, wanted);
  EXPECT_EQ(number(url,
                   "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'prompted\\_%' AND (rolsuper OR rolcreaterole OR "
                   "rolcreatedb OR rolreplication OR rolbypassrls)"),
            0);
  // No identifying column may be changed, nor what other daemons have written.
  EXPECT_EQ(sqlstate(of("mqreader"), "UPDATE queue_messages SET payload = '{}'"), denied);
  EXPECT_EQ(sqlstate(of("mqreader"), "UPDATE queue_readers SET address = ''"), denied);
  EXPECT_EQ(sqlstate(of("mqreader"), "SELECT value FROM telemetry"), denied);
  EXPECT_EQ(sqlstate(of("mqwriter"), "SELECT attempts FROM queue_messages"), denied);
  EXPECT_EQ(sqlstate(of("collector"), "SELECT count(*) FROM queue_messages"), denied);
  EXPECT_EQ(sqlstate(of("collector"), "UPDATE telemetry SET value = 0"), denied);
  EXPECT_EQ(sqlstate(of("apigw"), "DELETE FROM telemetry"), denied);
  EXPECT_EQ(sqlstate(of("apigw"), "SELECT count(*) FROM dead_letters"), denied);
  EXPECT_EQ(sqlstate(of("apigw"), "SELECT nextval('telemetry_id_seq')"), denied);
}

TEST_F(Roles, NoneMayChangeTheSchemaOrReachTheServersFiles) {
  must_apply();
  const std::vector<std::string> refused{"CREATE TABLE mine (a int)",
                                         "CREATE TEMPORARY TABLE mine (a int)",
                                         "CREATE SCHEMA mine",
                                         "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
                                         "CREATE EXTENSION dblink",
                                         "CREATE INDEX ON telemetry (value)",
                                         "ALTER TABLE telemetry ADD COLUMN mine int",
                                         "ALTER TABLE queue_messages DISABLE TRIGGER ALL",
                                         "DROP TABLE queue_messages",
                                         "TRUNCATE queue_messages",
                                         "TRUNCATE telemetry",
                                         "COPY (SELECT 1) TO PROGRAM 'true'",
                                         "COPY telemetry FROM PROGRAM 'true'",
                                         "COPY (SELECT 1) TO '/tmp/prompted-roles-test'",
                                         "SELECT pg_read_file('PG_VERSION')",
                                         "SELECT lo_import('/etc/hostname')",
                                         "CREATE ROLE mine",
                                         "CREATE DATABASE mine",
                                         "ALTER ROLE CURRENT_USER SUPERUSER",
                                         "SET ROLE prompted",
                                         "SET session_replication_role = replica",
                                         "ALTER SYSTEM SET work_mem = '1MB'"};
  for (const std::string& daemon : daemons) {
    for (const std::string& text : refused) EXPECT_EQ(sqlstate(of(daemon), text), denied) << daemon << ": " << text;
  }
}

TEST_F(Roles, ARightThatIsNotNeededAnyMoreIsTakenAway) {
  must_apply();
  sql(url, "GRANT UPDATE ON telemetry TO prompted_apigw; GRANT INSERT (uuid) ON telemetry TO prompted_apigw");
  must_apply();
  EXPECT_EQ(number(url,
                   "SELECT has_any_column_privilege('prompted_apigw', 'telemetry', 'INSERT')::int + "
                   "has_any_column_privilege('prompted_apigw', 'telemetry', 'UPDATE')::int"),
            0);
}

TEST_F(Roles, ADaemonServesWithoutTheRightToReadTheSchemasVersion) {
  must_apply();
  sql(url, "REVOKE SELECT ON schema_migrations FROM prompted_apigw");
  Daemon apigw("apigw", {{"DATABASE_URL", of("apigw")}});
  apigw.wait_ready();
}

TEST_F(Roles, RunningItAgainDisturbsNoStatement) {
  must_apply();
  auto again = std::async(std::launch::async, [&] {
    for (int i = 0; i < 3; ++i) must_apply();
  });
  pqxx::connection connection(of("apigw"));
  pqxx::nontransaction work(connection);
  do {
    EXPECT_NO_THROW(work.exec("SELECT count(*) FROM telemetry"));
  } while (!HasFailure() && again.wait_for(0s) != std::future_status::ready);
  again.get();
}

// ---- Passwords, other databases, owners who may not create roles

TEST_F(Roles, APasswordIsSetWhenOneIsGivenAndKeptOtherwise) {
  must_apply({{"MQWRITER_DB_PASSWORD", R"(it's \ % "secret")"}});
  const auto password = [&](const std::string& daemon) {
    return std::string(
        sql(url, "SELECT coalesce(rolpassword, 'none') FROM pg_authid WHERE rolname = 'prompted_" + daemon + "'")[0][0]
            .c_str());
  };
  const std::string first = password("mqwriter");
  EXPECT_TRUE(first.starts_with("SCRAM-SHA-256$")) << first;
  EXPECT_EQ(password("apigw"), "none");
  must_apply({{"APIGW_DB_PASSWORD", "x"}});
  EXPECT_EQ(password("mqwriter"), first);
  EXPECT_NE(password("apigw"), "none");
}

TEST_F(Roles, TwoDatabasesOfOneClusterAtOnce) {
  const std::string other = cluster.migrated_database();
  const Environment passwords{{"MQWRITER_DB_PASSWORD", "a"}, {"MQREADER_DB_PASSWORD", "b"}};
  for (int i = 0; i < 5; ++i) {
    auto beside = std::async(std::launch::async, [&] { return apply(other, passwords); });
    const Finished here = apply(url, passwords);
    const Finished there = beside.get();
    EXPECT_EQ(here.exit_code, 0) << here.output;
    EXPECT_EQ(there.exit_code, 0) << there.output;
  }
  EXPECT_EQ(sqlstate(as("prompted_apigw", other), "SELECT count(*) FROM telemetry"), "");
  EXPECT_EQ(sqlstate(of("apigw"), "SELECT count(*) FROM telemetry"), "");

  const std::string third = cluster.migrated_database();
  EXPECT_EQ(sqlstate(as("prompted_apigw", third), "SELECT count(*) FROM telemetry"), denied);
  const Finished apart = apply(third, {{"ROLE_PREFIX", "third"}});
  EXPECT_EQ(apart.exit_code, 0) << apart.output;
  EXPECT_EQ(sqlstate(as("third_apigw", third), "SELECT count(*) FROM telemetry"), "");
  EXPECT_EQ(sqlstate(as("third_apigw", url), "SELECT count(*) FROM telemetry"), denied);
}

TEST_F(Roles, AnUnmigratedDatabaseIsRefusedInOneLine) {
  const Finished refused = apply(cluster.empty_database());
  EXPECT_NE(refused.exit_code, 0);
  EXPECT_NE(refused.output.find("ERROR:  there is no table queue_messages: apply the migrations first\n"),
            std::string::npos)
      << refused.output;
  EXPECT_EQ(std::count(refused.output.begin(), refused.output.end(), '\n'), 1) << refused.output;
  EXPECT_EQ(number(url, "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'prompted\\_%'"), 0);
}

TEST_F(Roles, AnOwnerWhoMayNotCreateRolesIsToldSoAndKeepsOneDsn) {
  const std::string theirs = migrated_by("plain");
  const Finished done = apply(theirs, {{"MQWRITER_DB_PASSWORD", "hidden"}});
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_EQ(done.output,
            "database roles: plain may not create prompted_mqwriter, prompted_mqreader, prompted_collector, "
            "prompted_apigw: such a daemon keeps the DSN it has\n");
  EXPECT_EQ(number(url, "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'prompted\\_%'"), 0);

  Daemon writer("mqwriter", {{"DATABASE_URL", theirs}, {"DB_POOL_SIZE", "3"}});
  writer.wait_ready();
  EXPECT_EQ(post(writer.url() + "/v1/publish", R"({"topic":"telemetry","messages":[{"gpu_id":"GPU-1"}]})").status / 100,
            2);
  EXPECT_TRUE(eventually([&] { return metric(writer, "mqwriter", "db_connections_up{pool=\"main\"}") == 3; }))
      << get(writer.url() + "/metrics").body;
  const auto said = writer.log_with(may_do_more);
  ASSERT_EQ(said.size(), 1u) << "once, whatever the number of connections";
  for (const char* part : {R"("level":"WARN")", R"("role":"plain")", R"("superuser":false)", R"("owner":true)"})
    EXPECT_NE(said[0].find(part), std::string::npos) << said[0];

  Daemon super("apigw", {{"DATABASE_URL", url}});
  super.wait_ready();
  ASSERT_EQ(super.log_with(may_do_more).size(), 1u);
  EXPECT_NE(super.log_with(may_do_more)[0].find(R"("superuser":true)"), std::string::npos);
}

TEST_F(Roles, RolesThatAnAdministratorMadeAreGrantedTheirRightsByAPlainOwner) {
  const std::string theirs = migrated_by("tenant");
  for (const std::string& daemon : daemons) sql(url, "CREATE ROLE prompted_" + daemon + " LOGIN");
  const Finished done = apply(theirs, {{"APIGW_DB_PASSWORD", "hidden"}});
  EXPECT_EQ(done.exit_code, 0);
  EXPECT_EQ(done.output,
            "database roles: rights granted to prompted_mqwriter, prompted_mqreader, prompted_collector, "
            "prompted_apigw; tenant may not change the password of prompted_apigw\n");
  Daemon writer("mqwriter", {{"DATABASE_URL", as("prompted_mqwriter", theirs)}});
  writer.wait_ready();
  EXPECT_EQ(writer.log_with(may_do_more).size(), 0u);

  // Its sessions belong to a role that this owner does not control, so nothing may be moved while they are open.
  const Finished refused = run_program({source_path("deploy/host/partitions.sh"), "8"}, {{"DATABASE_URL", theirs}});
  EXPECT_EQ(refused.exit_code, 1) << refused.output;
  EXPECT_NE(refused.output.find("may not end the daemons' sessions"), std::string::npos) << refused.output;
}

TEST_F(Roles, AnOwnerWithCreateRoleMakesThemAndCanEndTheirSessions) {
  const std::string theirs = migrated_by("maker", "CREATEROLE");
  const Finished done = apply(theirs);
  ASSERT_EQ(done.exit_code, 0) << done.output;
  EXPECT_EQ(done.output,
            "database roles: rights granted to prompted_mqwriter, prompted_mqreader, prompted_collector, "
            "prompted_apigw\n");
  Daemon writer("mqwriter", {{"DATABASE_URL", as("prompted_mqwriter", theirs)}});
  writer.wait_ready();
  const Finished moved = run_program({source_path("deploy/host/partitions.sh"), "8"}, {{"DATABASE_URL", theirs}});
  EXPECT_EQ(moved.exit_code, 0) << moved.output;
  EXPECT_TRUE(eventually([&] { return get(writer.url() + "/readyz").status == 503; })) << "it has the old number";
}

}  // namespace
}  // namespace prompted::test
