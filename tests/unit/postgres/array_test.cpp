// Arrays as the server reads them: the binary parameter converted to text by the server.
#include "postgres/array.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "postgres/session.hpp"
#include "support/postgres_cluster.hpp"

namespace prompted::pg {
namespace {

class ArrayTest : public testing::Test {
 protected:
  std::vector<std::optional<std::string>> read_back(const Statement& statement, Array& array) {
    std::vector<std::optional<std::string>> texts;
    for (const auto& row : session.exec(statement, binary(array))) {
      if (row[0].is_null()) texts.push_back(std::nullopt);
      else texts.push_back(row[0].c_str());
    }
    return texts;
  }
  using Texts = std::vector<std::optional<std::string>>;

  Session session{test::PostgresCluster::shared().empty_database()};
};

TEST_F(ArrayTest, Int4) {
  Array array(ElementType::int4);
  for (std::int32_t value :
       {0, 1, -1, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()})
    array.add(value);
  array.add_null();
  EXPECT_EQ(array.size(), 6u);
  EXPECT_EQ(read_back({"read", "SELECT unnest($1::int4[])"}, array),
            (Texts{"0", "1", "-1", "-2147483648", "2147483647", std::nullopt}));
}

TEST_F(ArrayTest, Int8) {
  Array array(ElementType::int8);
  for (auto value :
       {std::numeric_limits<std::int64_t>::min(), std::int64_t{-2}, std::numeric_limits<std::int64_t>::max()})
    array.add(value);
  EXPECT_EQ(read_back({"read", "SELECT unnest($1::int8[])"}, array),
            (Texts{"-9223372036854775808", "-2", "9223372036854775807"}));
}

TEST_F(ArrayTest, Float8) {
  using Limits = std::numeric_limits<double>;
  Array array(ElementType::float8);
  for (double value :
       {0.1, -0.0, Limits::max(), Limits::denorm_min(), Limits::quiet_NaN(), Limits::infinity(), -Limits::infinity()})
    array.add(value);
  array.add(std::optional<double>());
  EXPECT_EQ(read_back({"read", "SELECT unnest($1::float8[])"}, array),
            (Texts{"0.1", "-0", "1.7976931348623157e+308", "5e-324", "NaN", "Infinity", "-Infinity", std::nullopt}));
}

TEST_F(ArrayTest, Text) {
  Array array(ElementType::text);
  array.add("");
  array.add("{a,\"b\"} \\ NULL");
  array.add("ä€😀\n");
  array.add(std::optional<std::string>());
  array.add(std::optional<std::string>("there"));
  array.add(std::string(300000, 'x'));
  EXPECT_EQ(read_back({"read", "SELECT unnest($1::text[])"}, array),
            (Texts{"", "{a,\"b\"} \\ NULL", "ä€😀\n", std::nullopt, "there", std::string(300000, 'x')}));
}

TEST_F(ArrayTest, UuidIsItsSixteenBytes) {
  Array array(ElementType::uuid);
  array.add(*base::parse_uuid("01890a5d-ac96-774b-bcce-b302099a8057"));
  array.add(base::Uuid());
  EXPECT_EQ(read_back({"read", "SELECT unnest($1::uuid[])"}, array),
            (Texts{"01890a5d-ac96-774b-bcce-b302099a8057", "00000000-0000-0000-0000-000000000000"}));
}

TEST_F(ArrayTest, JsonbIsParsedByTheServer) {
  Array array(ElementType::jsonb);
  array.add(R"({"b": 1.50, "a":[null], "b":2})");
  array.add_null();
  EXPECT_EQ(read_back({"read", "SELECT unnest($1::jsonb[])"}, array),
            (Texts{R"({"a": [null], "b": 2})", std::nullopt}));
  Array bad(ElementType::jsonb);
  bad.add("{");
  try {
    read_back({"bad_json", "SELECT unnest($1::jsonb[])"}, bad);
    ADD_FAILURE() << "half an object was taken";
  } catch (const StatementError& error) {
    EXPECT_TRUE(error.data_error());
    EXPECT_EQ(error.statement, "bad_json");
  }
}

TEST_F(ArrayTest, TimestamptzKeepsMicroseconds) {
  session.set_up({"SET timezone = 'UTC'"});
  Array array(ElementType::timestamptz);
  for (const char* text :
       {"2026-11-23T12:00:00.123456Z", "1969-12-31T23:59:59.999999Z", "2000-01-01T00:00:00Z", "0001-01-01T00:00:00Z"})
    array.add(*base::parse_rfc3339(text));
  EXPECT_EQ(read_back({"read", "SELECT unnest($1::timestamptz[])"}, array),
            (Texts{"2026-11-23 12:00:00.123456+00", "1969-12-31 23:59:59.999999+00", "2000-01-01 00:00:00+00",
                   "0001-01-01 00:00:00+00"}));
}

TEST_F(ArrayTest, Xid8IsUnsigned) {
  Array array(ElementType::xid8);
  for (auto value : {std::uint64_t{0}, std::uint64_t{5000000000}, std::numeric_limits<std::uint64_t>::max()})
    array.add(value);
  EXPECT_EQ(read_back({"read", "SELECT unnest($1::xid8[])"}, array),
            (Texts{"0", "5000000000", "18446744073709551615"}));
}

TEST_F(ArrayTest, AnEmptyOneIsEmptyAndNotNull) {
  for (auto [type, name] :
       {std::pair{ElementType::int4, "int4"}, {ElementType::text, "text"}, {ElementType::jsonb, "jsonb"}}) {
    Array array(type, 1000);
    const std::string text =
        "SELECT $1::" + std::string(name) + "[] = '{}', array_length($1::" + name + "[], 1) IS NULL";
    const auto row = session.exec({"read", text.c_str()}, binary(array))[0];
    EXPECT_TRUE(row[0].as<bool>()) << name;
    EXPECT_TRUE(row[1].as<bool>()) << name;
  }
}

TEST_F(ArrayTest, ManyElements) {
  Array array(ElementType::int8);
  for (std::int64_t i = 1; i <= 100000; ++i) array.add(i);
  const auto row = session.exec({"sum", "SELECT sum(n), count(n) FROM unnest($1::int8[]) n"}, binary(array))[0];
  EXPECT_EQ(row[0].as<std::int64_t>(), 5000050000);
  EXPECT_EQ(row[1].as<int>(), 100000);
}

}  // namespace
}  // namespace prompted::pg
