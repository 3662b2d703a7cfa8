#include "streamer/config.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace prompted::streamer {
namespace {

TEST(StreamerConfig, AChannelOfNoCapacityHoldsOneRow) {
  Config config;
  config::Schema schema("streamer", "");
  declare(schema, config);
  const char* const arguments[] = {"streamer", "--streamer-channel-buffer", "0"};
  std::ostringstream out;
  EXPECT_TRUE(schema.load(3, arguments, out, out).run) << out.str();
  EXPECT_EQ(config.channel_buffer, 1);
}

}  // namespace
}  // namespace prompted::streamer
