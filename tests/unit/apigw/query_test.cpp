#include "apigw/query.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace prompted::apigw {
namespace {

std::string error_of(std::string_view id, std::optional<std::string_view> start, std::optional<std::string_view> end) {
  try {
    Window window(id, start, end);
  } catch (const base::Error& error) {
    EXPECT_EQ(error.kind(), base::ErrorKind::invalid);
    return error.what();
  }
  return "accepted";
}

TEST(Window, BoundsAreOptional) {
  const Window open("GPU-1", std::nullopt, "");
  EXPECT_FALSE(open.start);
  EXPECT_FALSE(open.end);
  const Window closed("GPU-1", "2026-01-01 00:00:00z", "2026-01-01T01:00:00 01:00");
  EXPECT_EQ(closed.start, closed.end);
}

TEST(Window, ErrorsNameTheParameter) {
  EXPECT_TRUE(error_of("GPU-1", "x", std::nullopt).starts_with("invalid start_time: "))
      << error_of("GPU-1", "x", std::nullopt);
  EXPECT_TRUE(error_of("GPU-1", std::nullopt, "2026-13-01T00:00:00Z").starts_with("invalid end_time: "));
  EXPECT_EQ(error_of("GPU-1", "2026-01-01T00:00:00.000001Z", "2026-01-01T00:00:00Z"),
            "start_time must be before or equal to end_time");
  EXPECT_EQ(error_of(std::string_view("GPU\0", 4), std::nullopt, std::nullopt),
            "invalid id: must not contain a NUL character");
}

}  // namespace
}  // namespace prompted::apigw
