#pragma once
// Requests and responses as handlers see them, independent of Beast.
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.hpp"

namespace prompted::http {

enum class Method { get, head, post, put, patch, del, options, other };
std::string_view to_string(Method method);

struct Header {
  std::string name;
  std::string value;
};

/// The value of the first header with that name, case-insensitive; "" if there is none.
std::string_view find_header(const std::vector<Header>& headers, std::string_view name);

/// One request with its whole body. It lives in the connection's frame until the response has been written, so a
/// running handler may keep views into it and may move `body` out.
struct Request {
  Method method = Method::get;
  std::string path;                                        ///< percent-decoded, without the query
  std::vector<std::pair<std::string, std::string>> query;  ///< decoded ('+' is a space), in the order sent
  std::vector<Header> headers;
  std::string body;
  std::vector<std::pair<std::string, std::string>> params;  ///< the {name} parts of the route, decoded
  std::string_view route;                                   ///< the route's pattern: the metric label
  base::TimePoint arrived;                                  ///< when its head had been read
  std::function<bool()> client_gone = [] {
    return false;
  };  ///< whether the client has closed its side: a long poll can then end without a response

  std::string_view header(std::string_view name) const { return find_header(headers, name); }
  /// The first value of a query parameter; an empty value counts as absent (docs/api.md).
  std::optional<std::string_view> query_value(std::string_view name) const;
  /// A {name} part of the route; "" if the route has none with that name.
  std::string_view param(std::string_view name) const;
};

/// A body in pieces. next() is called only after the previous piece has been written to the socket, so each connection
/// holds one piece in memory and a slow client slows its source. nullopt ends the body. An exception closes the
/// connection: the status is already sent, and the missing last chunk tells the client.
struct Source {
  virtual ~Source() = default;
  virtual boost::asio::awaitable<std::optional<std::string>> next() = 0;
};

/// A count or an id that a handler adds to its request's log line, in addition to route, status and sizes.
struct Note {
  Note(const char* what, std::uint64_t number) : name(what), value(number) {}
  Note(const char* what, std::string text) : name(what), value(std::move(text)) {}

  const char* name;  ///< a literal
  std::variant<std::uint64_t, std::string> value;
};

/// What a handler returns. The server adds Date, Server, Connection, and Content-Length or chunked coding.
struct Response {
  Response() = default;
  explicit Response(int code) : status(code) {}
  Response(int code, std::string type, std::string text)
      : status(code), content_type(std::move(type)), body(std::move(text)) {}

  int status = 200;
  std::string content_type;
  std::vector<Header> headers;  ///< with a CR, LF or NUL in a value the server responds 500 instead
  std::string body;
  std::unique_ptr<Source> source;  ///< when set, `body` is the first piece
  std::function<void()>
      unsent;  ///< called if the whole response could not be handed to the socket: the client does not have it
  std::vector<Note> notes;
};

Response json(int status, std::string body);

}  // namespace prompted::http
