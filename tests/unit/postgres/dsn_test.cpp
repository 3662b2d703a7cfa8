#include "postgres/dsn.hpp"

#include <gtest/gtest.h>

namespace prompted::pg {
namespace {

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
