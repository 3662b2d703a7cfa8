#include "base/text.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

namespace prompted::base {
namespace {

using namespace std::string_view_literals;

TEST(Text, CaseIsAsciis) {
  EXPECT_EQ(lower("Content-TYPE [Ä]"), "content-type [Ä]");
  EXPECT_TRUE(same_without_case("Retry-After", "retry-aFTER"));
  EXPECT_FALSE(same_without_case("a", "ab"));
  EXPECT_FALSE(same_without_case("[", "{"));  // 32 apart, as letters are
}

TEST(Text, TrimTakesBlanksAndTabs) {
  EXPECT_EQ(trim(" \t a b\t"), "a b");
  EXPECT_EQ(trim(" \t"), "");
  EXPECT_EQ(trim(""), "");
  EXPECT_EQ(trim("\na "), "\na");
}

TEST(Text, CharactersAreCountedAndNotBytes) {
  EXPECT_EQ(count_characters(""), 0u);
  EXPECT_EQ(count_characters("aä€😀"), 4u);
}

TEST(Text, AWholeNumberIsAllOfTheText) {
  EXPECT_EQ(parse_whole<std::int64_t>("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(parse_whole<std::uint16_t>("65535"), 65535);
  EXPECT_EQ(parse_whole<std::uint32_t>("fF", 16), 255u);
  for (const char* text : {"", " 1", "1 ", "+1", "1.0", "0x1", "1e3", "a"})
    EXPECT_FALSE(parse_whole<int>(text)) << text;
  EXPECT_FALSE(parse_whole<std::uint16_t>("65536"));
  EXPECT_FALSE(parse_whole<std::uint16_t>("-1"));
}

TEST(Text, HexThereAndBack) {
  const std::string bytes("\0\x7f\xff/", 4);
  EXPECT_EQ(to_hex(bytes), "007fff2f");
  EXPECT_EQ(from_hex("007fFF2f"), bytes);
  EXPECT_EQ(from_hex(""), "");
  for (const char* digits : {"0", "0g", "g0", "00 ", "+f", "0x"}) EXPECT_FALSE(from_hex(digits)) << digits;
  EXPECT_EQ(hex_value('@'), -1);
  EXPECT_EQ(hex_value('G'), -1);
  EXPECT_EQ(hex_value('F'), 15);
}

TEST(PercentEncoding, ABrokenEscapeIsRejectedOrStays) {
  EXPECT_EQ(percent_decode("a%20b%2fc+d"), "a b/c+d");
  EXPECT_EQ(percent_decode("%00"), "\0"sv);
  for (const char* text : {"%", "%4", "a%", "%zz", "%4g"}) {
    EXPECT_FALSE(percent_decode(text)) << text;
    EXPECT_EQ(percent_decode_leniently(text), text);
  }
  EXPECT_FALSE(percent_decode("%%41"));
  EXPECT_EQ(percent_decode_leniently("%zz%41"), "%zzA");
  EXPECT_EQ(percent_decode_leniently("%%41"), "%A");
}

TEST(PercentEncoding, APlusIsABlankInQueriesAlone) {
  EXPECT_EQ(percent_decode_leniently("a%20b%2fc+d"), "a b/c+d");
  EXPECT_EQ(percent_decode_leniently("a+b%2B", true), "a b+");
}

TEST(PercentEncoding, LeavesUnreservedCharacters) {
  EXPECT_EQ(percent_encode("GPU-1 /ä~+"), "GPU-1%20%2F%C3%A4~%2B");
  EXPECT_EQ(percent_decode(percent_encode("GPU-1 /ä~+%")), "GPU-1 /ä~+%");
}

}  // namespace
}  // namespace prompted::base
