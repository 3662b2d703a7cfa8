#include "mqreader/lease/ack_queue.hpp"

#include <gtest/gtest.h>

namespace prompted::mqreader {
namespace {

struct Topic : AckListener {
  void acks_completed(const std::vector<MessageKey>& keys, bool deleted) override {
    (deleted ? removed : read_again) += keys.size();
  }
  std::size_t removed = 0;
  std::size_t read_again = 0;
};

struct AckQueueTest : testing::Test {
  std::shared_ptr<PendingAck> add(std::size_t messages, const std::string& server = "a") {
    ServerId id;
    id.incarnation = server;
    auto ack = std::make_shared<PendingAck>(owner, topic, std::vector<MessageKey>(messages), id);
    queue.add(ack);
    return ack;
  }
  boost::asio::io_context owner{1};
  std::shared_ptr<Topic> topic = std::make_shared<Topic>();
  AckQueue queue;
  const base::TimePoint now = base::Clock::now();
};

TEST_F(AckQueueTest, ALoneAckIsDueAtOnceAndCompanyBesideARunningDelete) {
  EXPECT_FALSE(queue.due(now, 0));
  add(1);
  EXPECT_TRUE(queue.due(now, 0));
  EXPECT_FALSE(queue.due(now, 1));
  EXPECT_EQ(queue.due_at(), base::never);  // only the end of a delete, or more acks
  add(498);
  EXPECT_FALSE(queue.due(now, 1));
  add(1);
  EXPECT_TRUE(queue.due(now, 3));
  EXPECT_EQ(queue.waiting_messages(), 500u);
}

TEST_F(AckQueueTest, ABatchIsTheOldestWholeAcks) {
  const auto a = add(1500), b = add(500), c = add(1);
  EXPECT_EQ(queue.take(), (AckQueue::Batch{a, b}));
  EXPECT_EQ(queue.waiting_messages(), 1u);
  EXPECT_EQ(queue.take(), (AckQueue::Batch{c}));
  EXPECT_TRUE(queue.take().empty());
  const auto large = add(5000), next = add(1);
  EXPECT_EQ(queue.take(), (AckQueue::Batch{large}));
  EXPECT_EQ(queue.take(), (AckQueue::Batch{next}));
  EXPECT_EQ(queue.waiting_messages(), 0u);
}

TEST_F(AckQueueTest, ABatchIsOfOneServer) {
  const auto a = add(1), b = add(1), c = add(1, "b"), d = add(1);
  EXPECT_EQ(queue.take(), (AckQueue::Batch{a, b}));
  EXPECT_EQ(queue.take(), (AckQueue::Batch{c}));
  EXPECT_EQ(queue.take(), (AckQueue::Batch{d}));
}

TEST_F(AckQueueTest, ACompletedAckReleasesItsTopic) {
  const auto deleted = add(3), other_server = add(2);
  EXPECT_EQ(queue.take().size(), 2u);
  deleted->complete(true);
  other_server->complete(false);
  EXPECT_EQ(topic->removed, 3u);
  EXPECT_EQ(topic->read_again, 2u);
  EXPECT_TRUE(deleted->deleted.result());
  EXPECT_FALSE(other_server->deleted.result());
  EXPECT_EQ(topic.use_count(), 1);
}

}  // namespace
}  // namespace prompted::mqreader
