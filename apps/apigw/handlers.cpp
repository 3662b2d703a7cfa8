#include "apigw/handlers.hpp"

#include "apigw/format.hpp"
#include "base/log.hpp"
#include "http/conditional.hpp"
#include "http/negotiation.hpp"

#if defined(__GNUC__) && !defined(__clang__)
// g++ 12 inlines one half of the coroutine frame's allocation and takes the other for a mismatch.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
#endif

namespace prompted::apigw {

namespace {

PageSize page_size(const Selection& selection) {
  if (selection.limit) return {static_cast<long>(*selection.limit), limited_bytes};
  return {stream_rows, stream_bytes};
}

std::string etag_of(const Selection& selection, const std::string& content) {
  return "W/\"" + std::to_string(fingerprint(selection)) + '-' + std::to_string(static_cast<int>(selection.format)) +
         '-' + content + '"';
}

http::Response fresh_json(std::string body) {
  http::Response response = http::json(200, std::move(body));
  response.headers.push_back({"Cache-Control", "no-store"});
  return response;
}

/// Rows may still come into an open window: its response is stale as soon as it is sent. A closed one is cached and
/// revalidated.
void set_caching(http::Response& response, const std::string& etag) {
  if (etag.empty()) {
    response.headers.push_back({"Cache-Control", "no-store"});
    return;
  }
  response.headers.push_back({"Cache-Control", "no-cache"});
  response.headers.push_back({"ETag", etag});
}

}  // namespace

boost::asio::awaitable<http::Response> Handlers::list_gpus(http::Request& request) {
  owner_thread_.check();
  GpuSource::Query query = http::parse<GpuList>(request);
  std::string begin = R"({"gpus":[)";
  co_return co_await list(std::move(begin), std::move(query));
}

boost::asio::awaitable<http::Response> Handlers::latest_metrics(http::Request& request) {
  owner_thread_.check();
  GpuSource::Query query = http::parse<LatestMetrics>(request);
  std::string begin = R"({"metrics":[)";
  co_return co_await list(std::move(begin), std::move(query));
}

boost::asio::awaitable<http::Response> Handlers::list(std::string begin, GpuSource::Query query) {
  GpuPage page = co_await GpuSource::read(gpus_, query, "", true);
  std::string body = std::move(begin) + page.entries;
  if (!page.next) body += "]}";
  http::Response response = fresh_json(std::move(body));
  if (page.next) response.source = std::make_unique<GpuSource>(gpus_, std::move(query), std::move(page));
  co_return response;
}

boost::asio::awaitable<http::Response> Handlers::gpu(http::Request& request) {
  owner_thread_.check();
  auto wanted = http::parse<OneGpu>(request);
  co_return fresh_json(co_await gpus_.gpu(std::move(wanted.id), query_deadline()));
}

boost::asio::awaitable<http::Response> Handlers::gpu_metrics(http::Request& request) {
  owner_thread_.check();
  auto wanted = http::parse<OneGpu>(request);
  co_return fresh_json(co_await gpus_.metrics(std::move(wanted.id), query_deadline()));
}

boost::asio::awaitable<http::Response> Handlers::gpu_telemetry(http::Request& request) {
  owner_thread_.check();
  const auto parameters = http::parse<GpuTelemetry>(request);
  co_return co_await response(request, parameters);
}

boost::asio::awaitable<http::Response> Handlers::telemetry(http::Request& request) {
  owner_thread_.check();
  const auto parameters = http::parse<FleetTelemetry>(request);
  co_return co_await response(request, parameters);
}

// False: no GPU has any of them. A walk through the rows of all GPUs would go to the end of the window to say so.
boost::asio::awaitable<bool> Handlers::narrow_to_known_metrics(Selection& selection) {
  if (selection.gpu_id || selection.metric_names.empty()) co_return true;
  selection.metric_names = co_await telemetry_.known_metrics(std::move(selection.metric_names), query_deadline());
  co_return !selection.metric_names.empty();
}

// A row inserted between page and tag must not be missing from a response whose tag counts it: the 304s would hide it.
// So the first page of a long response is read again after its tag.
boost::asio::awaitable<Handlers::Opening> Handlers::open(Selection& selection, bool closed) {
  Opening opening;
  const bool any = co_await narrow_to_known_metrics(selection);
  if (any) opening.page = co_await telemetry_.page(selection, page_size(selection), true, query_deadline());
  if (!closed) co_return opening;
  const bool whole = selection.limit || !opening.page.next;
  if (whole) {
    opening.etag = etag_of(selection, std::to_string(opening.page.digest) + (opening.page.next ? "+" : ""));
    co_return opening;
  }
  const std::optional<std::string> tag = co_await telemetry_.tag(selection, query_deadline());
  if (!tag) co_return opening;  // too many rows to be tagged
  opening.etag = etag_of(selection, 's' + *tag);
  opening.page = co_await telemetry_.page(selection, page_size(selection), true, query_deadline());
  co_return opening;
}

boost::asio::awaitable<http::Response> Handlers::response(http::Request& request,
                                                          const TelemetryParameters& parameters) {
  const base::Instant now = base::now_utc();
  const std::string accept = http::list_header(request.headers, "Accept");
  const Selection asked = select(parameters, accept, now);
  Selection selection = asked;
  // The first page comes before the status: a database that cannot be reached is a 503, not a broken body.
  Opening opening = co_await open(selection, asked.end && *asked.end < now);
  Page& page = opening.page;

  http::Response response(200, std::string(content_type(asked.format)), std::string());
  set_caching(response, opening.etag);
  if (!parameters.format) response.headers.push_back({"Vary", "Accept"});
  const bool known = !opening.etag.empty() && http::names_etag(parameters.known_tag.value_or(""), opening.etag);
  if (known) {
    ++stats_.not_modified;
    response.status = 304;
    co_return response;
  }
  stats_.count(page);
  response.body = response_begin(asked) + page.entries;
  if (!page.next || asked.limit) response.body += response_end(asked, page.next);
  if (log::enabled(log::Level::debug)) response.notes = {{"rows", page.rows}};
  if (page.next && asked.limit) {
    response.headers.push_back({"Link", next_link(request, to_cursor(asked, *page.next))});
  } else if (page.next) {
    ++stats_.streams;
    selection.after = std::move(page.next);
    response.source = std::make_unique<TelemetrySource>(telemetry_, stats_, std::move(selection));
  }
  co_return response;
}

}  // namespace prompted::apigw
