#include "models/partition.hpp"

#include <gtest/gtest.h>

#include <string>

#include "models/gpu_identity.hpp"

namespace prompted::models {
namespace {

TEST(Fnv1a, PublishedVectors) {
  EXPECT_EQ(fnv1a(""), 2166136261u);
  EXPECT_EQ(fnv1a("a"), 0xe40c292cu);
  EXPECT_EQ(fnv1a("b"), 0xe70c2de5u);
  EXPECT_EQ(fnv1a("foobar"), 0xbf9cf968u);
  EXPECT_EQ(fnv1a(std::string_view("\0", 1)), 0x050c5d1fu);
  EXPECT_EQ(fnv1a("\xff"), (2166136261u ^ 0xffu) * 16777619u);  // bytes are unsigned
}

TEST(Partition, OfTheSamplesGpus) {
  EXPECT_EQ(partition_of("GPU-0a1b2c3d", 256), 204);
  EXPECT_EQ(partition_of("GPU-5e6f7a8b", 256), 124);
  EXPECT_EQ(partition_of("GPU-c9d0e1f2", 256), 254);
  EXPECT_EQ(partition_of("GPU-5fd4f087-86f3-7a43-b711-4771313afc50", 256), 34);
  EXPECT_EQ(partition_of("anything", 1), 0);
}

struct Identity {
  const char* gpu_id;
  const char* uuid;
  const char* expected;  ///< nullptr: none
};

TEST(GpuIdentity, UuidWhenItIsAGpusElseGpuId) {
  const Identity cases[] = {
      {"0", "GPU-5fd4f087-86f3", "GPU-5fd4f087-86f3"},
      {"0", "MIG-5fd4f087", "MIG-5fd4f087"},
      {"", "GPU-1", "GPU-1"},
      {"GPU-0a1b2c3d", "00112233-4455-6677-8899-aabbccddeeff", "GPU-0a1b2c3d"},
      {"GPU-0a1b2c3d", "", "GPU-0a1b2c3d"},
      {"GPU-a", "GPU-b", "GPU-b"},
      {"7", "gpu-1", "7"},  // the prefix is upper case in every dump
      {"7", "GPU1", "7"},
      {"7", "xGPU-1", "7"},
      {" ", "", " "},
      {"", "", nullptr},
      {"", "row-1", nullptr},
  };
  for (const Identity& c : cases) {
    SCOPED_TRACE(std::string(c.gpu_id) + " / " + c.uuid);
    const auto gpu = gpu_identity(c.gpu_id, c.uuid);
    ASSERT_EQ(gpu.has_value(), c.expected != nullptr);
    if (gpu) {
      EXPECT_EQ(*gpu, c.expected);
    }
  }
}

}  // namespace
}  // namespace prompted::models
