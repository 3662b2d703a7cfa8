#include "http/conditional.hpp"

#include <gtest/gtest.h>

namespace prompted::http {
namespace {

TEST(Conditional, IfNoneMatchNamesTheEtag) {
  const struct {
    const char* if_none_match;
    const char* etag;
    bool named;
  } cases[] = {
      {"\"a\"", "\"a\"", true},
      {"W/\"a\"", "\"a\"", true},
      {"\"a\"", "W/\"a\"", true},
      {"W/\"a\"", "W/\"a\"", true},
      {"\"a\"", "\"b\"", false},
      {"\"a\"", "\"A\"", false},
      {"\"a\"", "\"ab\"", false},
      {"\"ab\"", "\"a\"", false},
      {"\"b\", W/\"a\"", "W/\"a\"", true},
      {"\"b\",\"c\",\"a\"", "W/\"a\"", true},
      {"\"b\" , \"c\"", "W/\"a\"", false},
      {"\"b,\", \"a\"", "\"a\"", true},   // a comma inside of a tag ends nothing
      {"\"b,\"", "\",\"", false},         // nor is what lies between two tags one
      {"\"b\", \"c\"", "\", \"", false},  //
      {"\"b\"\"a\"", "\"a\"", true},      //
      {"*", "\"a\"", true},
      {"\"*\"", "\"a\"", false},
      {"\"\"", "\"\"", true},
      {"\"\"", "\"a\"", false},
      {"", "\"a\"", false},
      {"a", "\"a\"", false},    // not quoted: no entity-tag
      {"\"a", "\"a\"", false},  // no closing quote
      {"\"b\", \"a", "\"a\"", false},
      {"W/", "\"a\"", false},
  };
  for (const auto& [list, etag, named] : cases) EXPECT_EQ(names_etag(list, etag), named) << list << " against " << etag;
}

}  // namespace
}  // namespace prompted::http
