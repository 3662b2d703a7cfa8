// Limits on what one request may cost mqreader: long names, long reasons, bodies with many values.

#include "service/mqreader_fixture.hpp"

namespace prompted::test {
namespace {

constexpr long mebibyte = 1024;  // in KiB

class MqreaderLimits : public MqreaderTest {
 protected:
  std::size_t log_bytes() const {
    std::size_t bytes = 0;
    for (const auto& line : daemon->log()) bytes += line.size();
    return bytes;
  }
};

TEST_F(MqreaderLimits, EveryLongNameHasItsText) {
  start();
  const std::string longer(256, 'x');
  const json base{{"topic", "t"}, {"consumer_id", "c"}, {"lease_id", "l"}, {"max", 1}, {"lease_seconds", 1}};
  for (const std::string path : {"lease", "ack", "nack", "extend"}) {
    for (const std::string name : {"topic", "consumer_id", "lease_id"}) {
      if (path == "lease" && name == "lease_id") continue;
      json body = base;
      body[name] = longer;
      expect_refused(daemon->url() + "/v1/" + path, body.dump(), name + " must not be longer than 255 characters");
    }
  }
  for (const std::string path : {"redrive", "purge"})
    expect_refused(daemon->url() + "/v1/dead-letters/" + path, json{{"all", true}, {"topic", longer}}.dump(),
                   "topic must not be longer than 255 characters");
  EXPECT_EQ(get(daemon->url() + "/metrics").body.find("xxx"), std::string::npos);  // no topic was loaded
  const std::string longest(255, 'x');
  EXPECT_EQ(lease(1, 30, 0, longest, longest)["messages"], json::array());
}

TEST_F(MqreaderLimits, AReasonOfAMegabyteIsCutAndToldOnce) {
  constexpr int messages = 1200;  // more than one statement dead-letters
  insert(messages);
  start({{"READER_POLL_BATCH", "5000"}});
  const json granted = lease(10000, 300);
  ASSERT_EQ(granted["messages"].size(), messages);
  const long before = daemon->peak_kib();
  const std::size_t logged = log_bytes();
  EXPECT_EQ(nack(granted, {{"reason", std::string(900'000, 'x')}, {"dead", true}}),
            json({{"requeued", 0}, {"dead", messages}}));
  EXPECT_EQ(number(url, "SELECT count(*) FROM dead_letters WHERE reason = repeat('x', 500)"), messages);
  EXPECT_EQ(rows(), 0);
  EXPECT_EQ(number(url, "SELECT count(DISTINCT xmin::text) FROM dead_letters"), 3);  // statements of 500 messages
  EXPECT_LT(log_bytes() - logged, 2000u);
  EXPECT_EQ(daemon->log_with("messages moved to dead_letters").size(), 1u);
  if (plain_build) {
    EXPECT_LT(daemon->peak_kib() - before, 16 * mebibyte);
  }
}

TEST_F(MqreaderLimits, ABodyOfManyValuesCostsItsOwnSize) {
  start();
  lease(1, 30, 0);
  const long before = daemon->peak_kib();
  const std::string target = R"({"topic":"t","consumer_id":"c","lease_id":"l","x":)";
  std::string numbers = "[0";
  while (numbers.size() < 1'000'000) numbers += ",0";
  for (const std::string& value : {numbers + "]", std::string(500'000, '[') + std::string(500'000, ']')})
    EXPECT_EQ(post(daemon->url() + "/v1/ack", target + value + "}").status, 200);
  if (plain_build) {
    EXPECT_LT(daemon->peak_kib() - before, 8 * mebibyte);
  }
}

}  // namespace
}  // namespace prompted::test
