#include "postgres/dsn.hpp"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace prompted::pg
