#include "postgres/dsn.hpp"

#include <gtest/gtest.h>

#include <libpq-fe.h>

#include <cstdlib>
#include <map>
#include <pqxx/pqxx>

#include "support/postgres_cluster.hpp"

namespace prompted::pg {
namespace {

TEST(CheckDsn, TakesWhatLibpqTakes) {
  for (const char* dsn : {"postgres://u:p@h:5432/d?sslmode=disable", "postgresql:///d?host=/run/postgresql",
                          "host=h dbname=d", "postgres://u:p%40ss%2Fword@h/d", "postgres://u:p@h1:5432,h2:5433/d",
                          "postgres://u:p@[::1]:5432/d", "host=h password='a b' dbname=d"})
    EXPECT_EQ(check_dsn(dsn), "") << dsn;
}

TEST(CheckDsn, NamesNoPartOfWhatItRefuses) {
  for (const char* dsn : {"postgres://u:S3cr%tPw@h/d", "postgres://u:S3cr/tPw@h/d", "postgres://u:S3cr@tPw@h/d",
                          "password=S3cr tPw host=h", "S3cr", "mysql://u:S3cr@h/d", ""}) {
    const std::string refusal = check_dsn(dsn);
    EXPECT_NE(refusal, "") << dsn;
    EXPECT_EQ(refusal.find("S3cr"), std::string::npos);
    EXPECT_EQ(refusal.find("tPw"), std::string::npos);
  }
}

TEST(WithParameter, AddsToAUrl) {
  EXPECT_EQ(with_parameter("postgres://u:p@h:5432/d", "connect_timeout", "3"),
            "postgres://u:p@h:5432/d?connect_timeout=3");
  EXPECT_EQ(with_parameter("postgresql://h/d?sslmode=disable", "connect_timeout", "3"),
            "postgresql://h/d?sslmode=disable&connect_timeout=3");
  EXPECT_EQ(with_parameter("postgres://h/d?", "a", "1"), "postgres://h/d?a=1");
  EXPECT_EQ(with_parameter("postgres://h/d?b=2&", "a", "1"), "postgres://h/d?b=2&a=1");
}

TEST(WithParameter, AddsToKeywords) {
  EXPECT_EQ(with_parameter("host=h dbname=d", "application_name", "x"), "host=h dbname=d application_name=x");
}

TEST(WithParameter, TheUsersWordCounts) {
  for (const char* dsn :
       {"postgres://h/d?connect_timeout=9", "postgres://h/d?a=b&connect_timeout=9", "host=h connect_timeout=9"})
    EXPECT_EQ(with_parameter(dsn, "connect_timeout", "3"), dsn);
}

TEST(WithParameter, ANameInsideAnotherIsNotTheName) {
  EXPECT_EQ(with_parameter("postgres://h/d?tcp_timeout=9", "timeout", "3"), "postgres://h/d?tcp_timeout=9&timeout=3");
  EXPECT_EQ(with_parameter("postgres://u:timeout=1@h/d", "timeout", "3"), "postgres://u:timeout=1@h/d?timeout=3");
  EXPECT_EQ(with_parameter("host=h tcp_timeout=9", "timeout", "3"), "host=h tcp_timeout=9 timeout=3");
}

TEST(WithParameter, KnowsAPasswordWithAQuestionMark) {
  EXPECT_EQ(with_parameter("postgres://u:a?b@h/d", "a", "1"), "postgres://u:a?b@h/d?a=1");
  EXPECT_EQ(with_parameter("host=h options='-c a=2'", "a", "1"), "host=h options='-c a=2' a=1");
}

/// The adapted DSN; `ignored` in one text.
std::pair<std::string, std::string> adapted(std::string dsn) {
  EXPECT_EQ(check_dsn(dsn), "") << dsn;
  std::string names;
  for (const std::string& name : adapt_dsn(dsn)) names += name + ";";
  EXPECT_EQ(check_dsn(dsn), "") << dsn;
  return {dsn, names};
}

TEST(AdaptDsn, LeavesOneOfLibpqsAlone) {
  for (const char* dsn :
       {"postgres://u:p%40x@h:5432/d?sslmode=disable&connect_timeout=3", "host=h dbname=d application_name=x",
        "postgres:///d?host=/run/postgresql", "postgres://u:p?w@h/d", "postgres://h/d?ssl=true"})
    EXPECT_EQ(adapted(dsn), std::pair(std::string(dsn), std::string())) << dsn;
}

TEST(AdaptDsn, RunTimeParametersBecomeOptions) {
  EXPECT_EQ(adapted("postgres://u@h/d?sslmode=disable&search_path=app,public&statement_timeout=5000").first,
            "postgres://u@h/d?sslmode=disable"
            "&options=-c%20search_path%3Dapp%2Cpublic%20-c%20statement_timeout%3D5000");
  EXPECT_EQ(adapted("postgres://u@h/d?TimeZone=UTC").first, "postgres://u@h/d?options=-c%20timezone%3DUTC");
  EXPECT_EQ(adapted("host=h search_path='a b'").first, "host='h' options='-c search_path=a\\\\ b'");
  EXPECT_EQ(adapted("host=h my.tenant=7").first, "host='h' options='-c my.tenant=7'");
}

TEST(AdaptDsn, OptionsThatAreThereStayInFront) {
  EXPECT_EQ(adapted("postgres://h/d?search_path=a&options=-c%20jit%3Doff").first,
            "postgres://h/d?options=-c%20jit%3Doff%20-c%20search_path%3Da");
  ::setenv("PGOPTIONS", "-c jit=off", 1);  // libpq would not look at it beside an options=
  EXPECT_EQ(adapted("host=h search_path=a").first, "host='h' options='-c jit=off -c search_path=a'");
  ::unsetenv("PGOPTIONS");
}

/// What libpq reads in a DSN.
std::map<std::string, std::string> values_of(const std::string& dsn) {
  std::map<std::string, std::string> values;
  char* error = nullptr;
  PQconninfoOption* const options = PQconninfoParse(dsn.c_str(), &error);
  EXPECT_NE(options, nullptr) << dsn << error;
  for (const auto* option = options; option != nullptr && option->keyword != nullptr; ++option)
    if (option->val != nullptr) values[option->keyword] = option->val;
  PQconninfoFree(options);
  PQfreemem(error);
  return values;
}

TEST(AdaptDsn, WhatStaysKeepsItsValue) {
  for (const std::string dsn : {"host=h password='it\\'s \\\\ here' dbname=d", "host = h  user\t=\n'' password=a\\ b",
                                "password=a'b'c host=h", "application_name='ä %41' host=/run/pg"})
    EXPECT_EQ(values_of(adapted(dsn + " pool_max_conns=1").first), values_of(dsn)) << dsn;
  for (const std::string dsn :
       {"postgres://u:p%40%2F%25@h1:1,h2:2/d%20e?application_name=%C3%A4%26%3D+x&sslmode=disable",
        "postgresql://[::1]/d?sslmode=disable", "postgres://u:a?b@/d?host=/run/pg&user=v", "postgres://h/d?ssl=true"})
    EXPECT_EQ(values_of(adapted(dsn + "&pool_max_conns=1").first), values_of(dsn)) << dsn;
}

TEST(AdaptDsn, ADriversOwnParametersAreNamedAndLeftOut) {
  const auto [dsn, ignored] =
      adapted("postgres://u:p%40x@h/d?pool_max_conns=4&sslmode=disable&default_query_exec_mode=exec&x-mine=1");
  EXPECT_EQ(dsn, "postgres://u:p%40x@h/d?sslmode=disable");
  EXPECT_EQ(ignored, "pool_max_conns;default_query_exec_mode;x-…;");
  EXPECT_EQ(adapted("pool_min_conns=1 password='it\\'s'").second, "pool_min_conns;");
  EXPECT_EQ(adapted("postgres://h/d?pool_max_conns=4").first, "postgres://h/d");
}

TEST(CheckDsn, NamesAnUnknownParameter) {
  for (const char* dsn : {"postgres://u:S3cr@h/d?sslmod=require", "postgres://u:S3cr@h/d?jit=off&sslmod=require",
                          "host=h password=S3cr dbname=d sslmod=require"}) {
    const std::string refusal = check_dsn(dsn);
    EXPECT_NE(refusal.find("sslmod is not a parameter of"), std::string::npos) << refusal;
    EXPECT_EQ(refusal.find("S3cr"), std::string::npos);
  }
}

TEST(CheckDsn, APartOfAPasswordIsNoParametersName) {
  for (const char* dsn : {"password=a S3cr=b host=h", "postgres://u:12/x?S3cr=1@h/d", "postgres://u:12/x?a=1&S3cr@h/d",
                          "postgres://u:x/y?S3cr=1", "password=a x-S3cr=1 S3cr"}) {
    EXPECT_NE(check_dsn(dsn), "") << dsn;
    EXPECT_EQ(check_dsn(dsn).find("S3cr"), std::string::npos) << dsn;
  }
  for (std::string dsn : {"password=a x-S3cr=1", "password=a X-S3cr=1"}) {
    const auto ignored = adapt_dsn(dsn);
    EXPECT_EQ(ignored, std::vector<std::string>{"x-…"}) << dsn;
  }
}

/// The list is PostgreSQL's: whatever this server lets a session start with is in it.
TEST(AdaptDsn, KnowsWhatTheServerKnows) {
  pqxx::connection connection(test::PostgresCluster::shared().empty_database());
  pqxx::nontransaction work(connection);
  const auto names = work.exec(
      "SELECT lower(name) FROM pg_settings WHERE context IN ('user', 'superuser', 'backend', 'superuser-backend')"
      " AND name NOT LIKE '%.%' AND name <> 'extension_destdir'");  // Debian's own
  ASSERT_GT(names.size(), 100u);
  for (const auto& row : names)
    EXPECT_EQ(check_dsn("postgres://h/d?" + std::string(row[0].c_str()) + "=1"), "") << row[0].c_str();
}

TEST(AdaptDsn, TheServerTakesWhatComesOut) {
  const std::string url = test::PostgresCluster::shared().empty_database();
  std::string dsn = url + (url.find('?') == std::string::npos ? "?" : "&") +
                    "search_path=%22a%20b%22,c%5Cd&TimeZone=Asia/Tokyo&statement_timeout=4321&pool_max_conns=3";
  adapt_dsn(dsn);
  pqxx::connection connection(dsn);
  pqxx::nontransaction work(connection);
  EXPECT_EQ(work.exec("SHOW search_path")[0][0].c_str(), std::string("\"a b\",c\\d"));
  EXPECT_EQ(work.exec("SHOW timezone")[0][0].c_str(), std::string("Asia/Tokyo"));
  EXPECT_EQ(work.exec("SHOW statement_timeout")[0][0].c_str(), std::string("4321ms"));
}

}  // namespace
}  // namespace prompted::pg
