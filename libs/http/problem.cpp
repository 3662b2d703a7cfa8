#include "http/problem.hpp"

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "http/utf8.hpp"

namespace prompted::http {
namespace {

int status_of(base::ErrorKind kind) {
  switch (kind) {
    case base::ErrorKind::invalid:
      return 400;
    case base::ErrorKind::not_found:
      return 404;
    case base::ErrorKind::conflict:
      return 409;
    case base::ErrorKind::too_large:
      return 413;
    case base::ErrorKind::overloaded:
    case base::ErrorKind::unavailable:
    case base::ErrorKind::expired:
      return 503;
  }
  return 500;
}

Response internal_error(std::string_view what) {
  log::error("request failed", {{"error", what}});
  return problem(500, "internal error");
}

}  // namespace

std::string_view reason(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 411:
      return "Length Required";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 417:
      return "Expectation Failed";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Unknown";
  }
}

Response problem(int status, std::string_view detail) {
  // A detail may quote what a client sent; JSON must be UTF-8.
  const std::string text = valid_utf8(detail);
  std::string body;
  base::JsonObject object(body);
  object.text("type", "about:blank");
  object.text("title", reason(status));
  object.number("status", status);
  object.text("detail", text);
  object.text("error", text);
  object.end();
  return Response(status, "application/problem+json", std::move(body));
}

Response problem(std::exception_ptr error) {
  try {
    std::rethrow_exception(std::move(error));
  } catch (const base::Error& expected) {
    const int status = status_of(expected.kind());
    Response response = problem(status, expected.what());
    if (status == 503)
      response.headers.push_back(Header{"Retry-After", std::to_string(expected.retry_after().count())});
    return response;
  } catch (const std::exception& unexpected) {
    return internal_error(unexpected.what());
  } catch (...) {
    return internal_error("unknown exception");
  }
}

}  // namespace prompted::http
