// Responses in pieces.
#include <atomic>
#include <thread>

#include "base/error.hpp"
#include "unit/http/test_server.hpp"

namespace prompted::http {
namespace {

constexpr std::size_t piece_size = 1024 * 1024;
std::atomic<int> pulled;  // of the source that the running test made

struct Pieces final : Source {
  Pieces(int n, bool fails) : left(n), broken(fails) {}
  awaitable<std::optional<std::string>> next() override {
    ++pulled;
    std::optional<std::string> piece;
    if (left == 0 && broken) throw base::Error(base::ErrorKind::unavailable, "gone");
    if (left-- > 0) piece.emplace(left % 2 == 1 ? std::string() : std::string(piece_size, 'p'));
    co_return piece;
  }
  int left;
  bool broken;
};

awaitable<Response> stream(Request& request) {
  pulled = 0;
  Response response(200, "text/plain", request.query_value("first") ? "first" : "");
  const int n = std::atoi(std::string(request.query_value("n").value_or("0")).c_str());
  response.source = std::make_unique<Pieces>(n, request.query_value("broken").has_value());
  co_return response;
}

awaitable<Response> large(Request&) { co_return Response(200, "text/plain", std::string(16 * piece_size, 'x')); }

class StreamTest : public testing::Test {
 protected:
  void SetUp() override { server.route(Method::get, "/stream", stream).start(); }
  TestServer server{limits()};
  static Limits limits() {
    Limits limits;
    limits.write_timeout = std::chrono::seconds{2};
    return limits;
  }
};

TEST_F(StreamTest, is_chunked_and_whole) {
  const test::Reply response = test::get(server.url("/stream?n=5&first=1"));
  EXPECT_EQ(response.header("transfer-encoding"), "chunked");
  EXPECT_EQ(response.header("content-length"), "");
  EXPECT_EQ(response.body, "first" + std::string(3 * piece_size, 'p'));
}

TEST_F(StreamTest, may_be_empty) {
  EXPECT_EQ(test::get(server.url("/stream?n=0")).body, "");
  EXPECT_EQ(test::get(server.url("/stream?n=2")).body.size(), piece_size);
}

TEST_F(StreamTest, keeps_the_connection) {
  RawSocket socket(server.port());
  for (int i = 0; i < 2; ++i) {
    socket.send(get_request("/stream?first=1"));
    EXPECT_EQ(count(socket.read_until("0\r\n\r\n"), "5\r\nfirst\r\n"), 1);
  }
}

TEST_F(StreamTest, ends_by_closing_for_http_1_0) {
  RawSocket socket(server.port());
  socket.send("GET /stream?n=1&first=1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const std::string response = socket.read_all();
  EXPECT_EQ(count(response, "Transfer-Encoding"), 0);
  EXPECT_EQ(count(response, "Connection: close"), 1);
  EXPECT_TRUE(response.ends_with("\r\n\r\nfirst" + std::string(piece_size, 'p')));
}

TEST_F(StreamTest, head_pulls_nothing) {
  RawSocket socket(server.port());
  socket.send("HEAD /stream?n=5 HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(socket.read_all().ends_with("\r\n\r\n"));
  EXPECT_EQ(pulled, 0);
}

TEST_F(StreamTest, an_exception_cuts_the_connection) {
  RawSocket socket(server.port());
  socket.send(get_request("/stream?n=1&first=1&broken=1"));
  const std::string response = socket.read_all();
  EXPECT_EQ(count(response, "200 OK"), 1);
  EXPECT_EQ(count(response, "first"), 1);
  EXPECT_FALSE(response.ends_with("0\r\n\r\n"));
  EXPECT_TRUE(eventually([this] { return server.load().connections == 0; }));
}

TEST_F(StreamTest, is_pulled_as_fast_as_the_client_reads) {
  RawSocket socket(server.port());
  socket.send(get_request("/stream?n=199", "Connection: close\r\n"));
  ASSERT_TRUE(eventually([] { return pulled > 0; }));  // how many fit into the kernel's buffers is up to the kernel
  EXPECT_FALSE(eventually([] { return pulled > 100; }, std::chrono::milliseconds{300}));
  EXPECT_GT(socket.read_all(std::chrono::seconds{60}).size(), 100 * piece_size);
  EXPECT_EQ(pulled, 200);
}

TEST_F(StreamTest, a_slow_reader_is_not_cut) {
  constexpr std::size_t size = 16 * piece_size;
  TestServer slow{limits()};
  slow.route(Method::get, "/large", large).start();
  RawSocket socket(slow.port());
  socket.set_receive_buffer(64 * 1024);
  socket.send(get_request("/large", "Connection: close\r\n"));
  std::size_t read = 0;
  const auto begin = std::chrono::steady_clock::now();
  for (std::string some = socket.read_some(piece_size); !some.empty(); some = socket.read_some(piece_size)) {
    read += some.size();
    // The reader's own pace: twice the write timeout for all of it.
    const auto due = begin + std::chrono::milliseconds(4000 * read / size);
    std::this_thread::sleep_until(due);
  }
  EXPECT_GT(read, size);
}

TEST_F(StreamTest, for_http_1_0_a_cut_is_a_reset) {
  RawSocket socket(server.port());
  socket.send("GET /stream?n=199 HTTP/1.0\r\n\r\n");
  ASSERT_TRUE(eventually([this] { return server.load().requests == 1; }));
  ASSERT_TRUE(eventually([this] { return server.load().connections == 0; }));
  EXPECT_TRUE(socket.ends_by_reset());
}

TEST_F(StreamTest, a_reader_that_stalls_is_cut) {
  RawSocket socket(server.port());
  socket.send(get_request("/stream?n=199"));
  ASSERT_TRUE(eventually([this] { return server.load().requests == 1; }));
  EXPECT_TRUE(eventually([this] { return server.load().connections == 0; }));
  EXPECT_LT(pulled, 100);
}

}  // namespace
}  // namespace prompted::http
