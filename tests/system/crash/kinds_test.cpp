#include "system/crash/kinds.hpp"

#include <gtest/gtest.h>

#include <set>
#include <stdexcept>

namespace prompted::test::crash {
namespace {

TEST(CrashKinds, EachHasANameOfItsOwn) {
  std::set<std::string> names;
  for (const Kind kind : all_kinds()) {
    names.insert(name_of(kind));
    EXPECT_EQ(kinds_of(name_of(kind)), std::vector<Kind>{kind});
  }
  EXPECT_EQ(names.size(), all_kinds().size());
  EXPECT_FALSE(names.contains("?"));
  EXPECT_EQ(all_kinds().size(), static_cast<std::size_t>(Kind::collector_comes_or_goes) + 1);
}

TEST(CrashKinds, AreChosenByName) {
  EXPECT_EQ(kinds_of("all"), all_kinds());
  EXPECT_EQ(kinds_of("promote, kill_reader,promote"), (std::vector<Kind>{Kind::promote, Kind::kill_reader}));
}

TEST(CrashKinds, AnUnknownNameListsTheKnownOnes) {
  for (const char* wrong : {"promote,explode", "", "all,promote", "promote,,reindex"}) {
    try {
      kinds_of(wrong);
      ADD_FAILURE() << wrong << " was taken";
    } catch (const std::runtime_error& error) {
      EXPECT_NE(std::string(error.what()).find("vacuum_full"), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace prompted::test::crash
