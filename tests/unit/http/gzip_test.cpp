// The encoder alone, and responses encoded by a real server. Its output is decoded by zlib, not by this project's
// decoder.
#include "http/gzip.hpp"

#include <zlib.h>

#include <random>

#include "base/error.hpp"
#include "unit/http/test_server.hpp"

namespace prompted::http {
namespace {

constexpr std::size_t KiB = 1024;

/// The decodable part of `coded`; `whole` is set to whether the trailer was present and valid.
std::string inflated(const std::string& coded, bool* whole = nullptr) {
  z_stream stream{};
  if (inflateInit2(&stream, MAX_WBITS + 16) != Z_OK) throw std::bad_alloc();
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(coded.data()));
  stream.avail_in = static_cast<uInt>(coded.size());
  std::string out;
  std::string room(64 * KiB, '\0');
  int result = Z_OK;
  while (result == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(room.data());
    stream.avail_out = static_cast<uInt>(room.size());
    result = inflate(&stream, Z_SYNC_FLUSH);
    out.append(room, 0, room.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  if (whole) *whole = result == Z_STREAM_END;
  return out;
}
std::string whole(const std::string& coded) {
  bool complete = false;
  std::string text = inflated(coded, &complete);
  EXPECT_TRUE(complete);
  return text;
}

/// Text that codes to about half.
std::string text_of(std::size_t size, unsigned seed = 1) {
  std::mt19937 random(seed);
  std::string text;
  text.reserve(size + 10);
  while (text.size() < size) text += std::to_string(random()) + ',';
  text.resize(size);
  return text;
}

TEST(Gzip, RoundTrip) {
  for (const std::size_t size : {0ul, 1ul, 1000ul, 16 * KiB, 300 * KiB, 5000 * KiB}) {
    const std::string text = text_of(size);
    EXPECT_EQ(whole(gzip(text)), text);
  }
  EXPECT_LT(gzip(std::string(1000 * KiB, 'x')).size(), 10 * KiB);
}

TEST(Gzip, ASyncFlushCanBeDecodedAtOnce) {
  GzipEncoder encoder;
  std::string coded = encoder.add("hello ", GzipEncoder::Flush::sync);
  EXPECT_EQ(inflated(coded), "hello ");
  coded += encoder.add("held back", GzipEncoder::Flush::none);
  EXPECT_EQ(inflated(coded), "hello ");
  coded += encoder.add({}, GzipEncoder::Flush::finish);
  EXPECT_EQ(whole(coded), "hello held back");
}

TEST(Gzip, DecodesInSteps) {
  const std::string text = text_of(300 * KiB);
  const std::string coded = gzip(text);
  GzipDecoder decoder(coded);
  std::string decoded;
  for (std::string piece = decoder.next(64 * KiB); !piece.empty(); piece = decoder.next(64 * KiB)) {
    EXPECT_LE(piece.size(), 64 * KiB);
    decoded += piece;
  }
  EXPECT_EQ(decoded, text);
  EXPECT_EQ(decoder.next(10), "");
}

TEST(Gzip, RefusesWhatIsNone) {
  EXPECT_THROW(GzipDecoder("<html>").next(100), std::runtime_error);
  const std::string coded = gzip("hello");
  const std::string cut = coded.substr(0, coded.size() - 3);
  EXPECT_THROW(GzipDecoder(cut).next(100), std::runtime_error);
}

TEST(Gzip, CompressibleTypes) {
  for (const char* type : {"application/json", "application/problem+json", "application/x-ndjson", "text/csv",
                           "text/plain", "text/html; charset=utf-8", "Application/JSON;charset=utf-8",
                           "application/javascript", "text/javascript", "image/svg+xml"}) {
    EXPECT_TRUE(compressible(type)) << type;
  }
  for (const char* type :
       {"", "image/png", "application/gzip", "application/octet-stream", "application/jsonp", "text"}) {
    EXPECT_FALSE(compressible(type)) << type;
  }
}

// The server

std::string body_of_size(Request& request) {
  return text_of(static_cast<std::size_t>(std::atol(std::string(request.query_value("size").value_or("0")).c_str())));
}

awaitable<Response> sized(Request& request) {
  Response response(200, std::string(request.query_value("type").value_or("application/json")), body_of_size(request));
  for (const char* name : {"Vary", "Content-Encoding", "ETag"}) {
    if (const auto value = request.query_value(name)) response.headers.push_back(Header{name, std::string(*value)});
  }
  if (const auto status = request.query_value("status")) response.status = std::atoi(std::string(*status).c_str());
  co_return response;
}

/// Pieces of `size` bytes; what the last brings is an exception when `broken`.
struct Pieces final : Source {
  Pieces(int count, std::size_t bytes, bool fails) : left(count), size(bytes), broken(fails) {}
  awaitable<std::optional<std::string>> next() override {
    std::optional<std::string> piece;
    if (left == 0 && broken) throw base::Error(base::ErrorKind::unavailable, "gone");
    if (left-- > 0) piece = text_of(size, static_cast<unsigned>(left));
    co_return piece;
  }
  int left;
  std::size_t size;
  bool broken;
};

int number(Request& request, std::string_view name) {
  return std::atoi(std::string(request.query_value(name).value_or("0")).c_str());
}

awaitable<Response> stream(Request& request) {
  Response response(200, "application/x-ndjson", std::string(request.query_value("first").value_or("")));
  const auto size = static_cast<std::size_t>(number(request, "size"));
  response.source = std::make_unique<Pieces>(number(request, "n"), size, request.query_value("broken").has_value());
  co_return response;
}
std::string streamed(const std::string& first, int n, std::size_t size) {
  std::string all = first;
  for (int left = n - 1; left >= 0; --left) all += text_of(size, static_cast<unsigned>(left));
  return all;
}

class GzipServer : public testing::Test {
 protected:
  void SetUp() override {
    server.route(Method::get, "/sized", sized)
        .route(Method::get, "/stream", stream)
        .route(Method::get, "/hello", hello);
    server.start();
  }
  test::Reply ask(const std::string& path, const std::string& accept = "gzip", const std::string& method = "GET",
                  std::chrono::milliseconds timeout = std::chrono::seconds{20}) {
    test::Call call;
    call.timeout = timeout;
    call.method = method;
    call.headers.emplace("Accept-Encoding", accept);
    return test::http(server.url(path), call);
  }
  TestServer server;
};

TEST_F(GzipServer, CodesWhatIsLargeEnough) {
  for (const std::size_t size : {1024ul, 64 * KiB, 64 * KiB + 1, 3000 * KiB}) {
    const test::Reply response = ask("/sized?size=" + std::to_string(size));
    EXPECT_EQ(response.header("content-encoding"), "gzip") << size;
    EXPECT_EQ(response.header("vary"), "Accept-Encoding");
    EXPECT_EQ(response.header("content-length").empty(), size > 64 * KiB);
    EXPECT_LT(response.body.size(), size);
    EXPECT_EQ(whole(response.body), text_of(size)) << size;
  }
}

TEST_F(GzipServer, LeavesTheRestAlone) {
  const test::Reply small = ask("/sized?size=1023");
  EXPECT_EQ(small.header("content-encoding") + small.header("vary"), "");
  EXPECT_EQ(small.body, text_of(1023));
  const test::Reply image = ask("/sized?size=5000&type=image/png");
  EXPECT_EQ(image.header("content-encoding") + image.header("vary"), "");
  const test::Reply unasked = test::get(server.url("/sized?size=5000"));
  EXPECT_EQ(unasked.header("content-encoding"), "");
  EXPECT_EQ(unasked.header("vary"), "Accept-Encoding");
  EXPECT_EQ(unasked.body, text_of(5000));
  const test::Reply refused = ask("/sized?size=5000", "br, gzip;q=0");
  EXPECT_EQ(refused.header("content-encoding"), "");
  EXPECT_EQ(refused.header("content-length"), "5000");
  const test::Reply coded_before = ask("/sized?size=5000&Content-Encoding=br");
  EXPECT_EQ(coded_before.headers.count("content-encoding"), 1u);
  EXPECT_EQ(coded_before.body, text_of(5000));
}

TEST_F(GzipServer, KeepsTheHandlersHeaders) {
  const test::Reply response = ask("/sized?size=5000&Vary=Accept&ETag=W/%22x%22");
  EXPECT_EQ(response.header("etag"), "W/\"x\"");
  EXPECT_EQ(response.header("vary"), "Accept, Accept-Encoding");
  EXPECT_EQ(ask("/sized?size=5000&Vary=Accept-Encoding").header("vary"), "Accept-Encoding");
}

TEST_F(GzipServer, NoBodyNoCoding) {
  for (const char* status : {"204", "304"}) {
    const test::Reply response = ask("/sized?size=5000&status=" + std::string(status));
    EXPECT_EQ(response.header("content-encoding"), "") << status;
    EXPECT_EQ(response.body, "");
  }
  EXPECT_EQ(ask("/sized?status=304").header("vary"), "Accept-Encoding");
}

TEST_F(GzipServer, AHeadSaysWhatAGetWould) {
  RawSocket socket(server.port());
  socket.send("HEAD /sized?size=5000 HTTP/1.1\r\nHost: t\r\nAccept-Encoding: gzip\r\n\r\n");
  socket.send("HEAD /stream?n=3&size=5000 HTTP/1.1\r\nHost: t\r\nAccept-Encoding: gzip\r\n\r\n");
  socket.send(get_request("/hello", "Connection: close\r\n"));
  const std::string responses = socket.read_all();
  EXPECT_EQ(count(responses, "Content-Encoding: gzip"), 2) << responses;
  EXPECT_EQ(count(responses, "Content-Length"), 1) << "that of the coded body is not known";
  EXPECT_TRUE(responses.ends_with("\r\n\r\nhello"));
}

TEST_F(GzipServer, CodesStreams) {
  for (const std::size_t size : {10ul, 60 * KiB, 500 * KiB}) {
    const test::Reply response = ask("/stream?first=[&n=7&size=" + std::to_string(size));
    EXPECT_EQ(response.header("content-encoding"), "gzip");
    EXPECT_EQ(response.header("transfer-encoding"), "chunked");
    EXPECT_EQ(whole(response.body), streamed("[", 7, size));
  }
  EXPECT_EQ(whole(ask("/stream?n=0").body), "");
}

TEST_F(GzipServer, APieceCanBeDecodedWhenItArrives) {
  RawSocket socket(server.port());
  socket.send(get_request("/stream?first=hello&n=1&size=10", "Accept-Encoding: gzip\r\n"));
  const std::string response = socket.read_until("0\r\n\r\n");
  const std::size_t body = response.find("\r\n\r\n") + 4;
  const std::size_t first_chunk = response.find("\r\n", body) + 2;
  EXPECT_EQ(inflated(response.substr(first_chunk, std::stoul(response.substr(body), nullptr, 16))), "hello");
}

TEST_F(GzipServer, KeepsTheConnection) {
  RawSocket socket(server.port());
  for (int i = 0; i < 2; ++i) {
    socket.send(get_request("/stream?first=x&n=2&size=90000", "Accept-Encoding: gzip\r\n"));
    EXPECT_TRUE(socket.read_until("\r\n0\r\n\r\n").ends_with("\r\n0\r\n\r\n"));
  }
}

TEST_F(GzipServer, Http10EndsByClosing) {
  for (const char* path : {"/stream?n=2&size=5000", "/sized?size=200000"}) {
    RawSocket socket(server.port());
    socket.send("GET " + std::string(path) + " HTTP/1.0\r\nConnection: keep-alive\r\nAccept-Encoding: gzip\r\n\r\n");
    const std::string response = socket.read_all();
    EXPECT_EQ(count(response, "Transfer-Encoding"), 0);
    const std::string expected = path[2] == 't' ? streamed("", 2, 5000) : text_of(200000);
    EXPECT_EQ(whole(response.substr(response.find("\r\n\r\n") + 4)), expected);
  }
}

TEST_F(GzipServer, ABrokenStreamIsCut) {
  RawSocket socket(server.port());
  socket.send(get_request("/stream?first=x&n=3&size=90000&broken=1", "Accept-Encoding: gzip\r\n"));
  const std::string response = socket.read_all();
  EXPECT_EQ(count(response, "200 OK"), 1);
  EXPECT_FALSE(response.ends_with("0\r\n\r\n"));
  EXPECT_TRUE(eventually([this] { return server.load().connections == 0; }));
}

TEST_F(GzipServer, OthersAreServedMeanwhile) {
  // One piece of 16 MiB takes a third of a second to encode; small responses on another connection must not wait for
  // it.
  std::thread large([this] {
    EXPECT_EQ(whole(ask("/sized?size=16777216", "gzip", "GET", std::chrono::minutes{2}).body), text_of(16777216));
  });
  ASSERT_TRUE(eventually([this] { return server.load().requests == 1; }));
  int served = 0;
  while (server.load().requests > 0) served += ask("/hello").status == 200 ? 1 : 0;
  large.join();
  EXPECT_GT(served, 20);
}

/// Has nothing to say until the test lets it end.
struct Waiting final : Source {
  explicit Waiting(std::shared_ptr<base::Signal> signal) : done(std::move(signal)) {}
  awaitable<std::optional<std::string>> next() override {
    co_await done->wait();
    co_return std::nullopt;
  }
  std::shared_ptr<base::Signal> done;
};

awaitable<Response> wait_for_it(std::shared_ptr<base::Signal> signal, Request&) {
  Response response(200, "text/plain", "");
  response.source = std::make_unique<Waiting>(std::move(signal));
  co_return response;
}

TEST(GzipEncoders, BeyondSoManyAnswersGoUncoded) {
  TestServer server;
  const auto signal = server.on_owner([&server] { return std::make_shared<base::Signal>(server.context()); });
  server.route(Method::get, "/wait", std::bind_front(wait_for_it, signal)).route(Method::get, "/sized", sized).start();
  const std::string ask = get_request("/sized?size=5000", "Accept-Encoding: gzip\r\nConnection: close\r\n");
  std::vector<std::unique_ptr<RawSocket>> waiting;
  for (int i = 0; i < 64; ++i) {
    waiting.push_back(std::make_unique<RawSocket>(server.port()));
    waiting.back()->send(get_request("/wait", "Accept-Encoding: gzip\r\n"));
    EXPECT_EQ(count(waiting.back()->read_until("\r\n\r\n"), "Content-Encoding: gzip"), 1);
  }
  RawSocket one_more(server.port());
  one_more.send(ask);
  const std::string uncoded = one_more.read_all();
  EXPECT_EQ(count(uncoded, "Content-Encoding"), 0);
  EXPECT_TRUE(uncoded.ends_with(text_of(5000)));
  server.on_owner([&signal] { signal->notify(); });
  ASSERT_TRUE(eventually([&server] { return server.load().requests == 0; }));
  RawSocket after(server.port());
  after.send(ask);
  EXPECT_EQ(count(after.read_all(), "Content-Encoding: gzip"), 1);
}

}  // namespace
}  // namespace prompted::http
