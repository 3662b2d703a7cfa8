#include "apigw/handlers.hpp"

#include "apigw/format.hpp"
#include "apigw/link.hpp"
#include "http/conditional.hpp"

namespace prompted::apigw {

namespace {

constexpr long limited_bytes = 8 * 1024 * 1024;  // of a page with a limit, which is sent whole

PageSize page_size(const Selection& selection) {
  if (selection.limit) return {static_cast<long>(*selection.limit), limited_bytes};
  return {stream_rows, stream_bytes};
}

http::Response fresh_json(std::string body) {
  http::Response response = http::json(200, std::move(body));
  response.headers.push_back({"Cache-Control", "no-store"});
  return response;
}

/// Rows may still come into an open window: its answer is old as soon as it is sent. A closed one is kept and asked about.
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
  co_return co_await list(R"({"gpus":[)", http::parse<GpuList>(request));
}

boost::asio::awaitable<http::Response> Handlers::latest_metrics(http::Request& request) {
  co_return co_await list(R"({"metrics":[)", http::parse<LatestMetrics>(request));
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
  auto wanted = http::parse<OneGpu>(request);
  co_return fresh_json(co_await gpus_.gpu(std::move(wanted.id), query_deadline()));
}

boost::asio::awaitable<http::Response> Handlers::gpu_metrics(http::Request& request) {
  auto wanted = http::parse<OneGpu>(request);
  co_return fresh_json(co_await gpus_.metrics(std::move(wanted.id), query_deadline()));
}

boost::asio::awaitable<http::Response> Handlers::gpu_telemetry(http::Request& request) {
  const auto parameters = http::parse<GpuTelemetry>(request);
  co_return co_await answer(request, parameters);
}

boost::asio::awaitable<http::Response> Handlers::telemetry(http::Request& request) {
  const auto parameters = http::parse<FleetTelemetry>(request);
  co_return co_await answer(request, parameters);
}

// False: no GPU has any of them. A walk through the rows of all GPUs would go to the end of the window to say so.
boost::asio::awaitable<bool> Handlers::narrow_to_known_metrics(Selection& selection) {
  if (selection.gpu_id || selection.metric_names.empty()) co_return true;
  selection.metric_names = co_await telemetry_.known_metrics(std::move(selection.metric_names), query_deadline());
  co_return !selection.metric_names.empty();
}

// "" when the rows are too many to be tagged.
boost::asio::awaitable<std::string> Handlers::etag(const Selection& selection, const Page& page) {
  const std::string query =
      std::to_string(fingerprint(selection)) + '-' + std::to_string(static_cast<int>(selection.format));
  if (selection.limit || !page.next) {
    co_return "W/\"" + query + '-' + std::to_string(page.digest) + (page.next ? "+\"" : "\"");
  }
  const std::optional<std::string> tag = co_await telemetry_.tag(selection, query_deadline());
  co_return tag ? "W/\"" + query + "-s" + *tag + '"' : std::string();
}

boost::asio::awaitable<http::Response> Handlers::answer(http::Request& request, const TelemetryParameters& parameters) {
  const base::Instant now = base::now_utc();
  const Selection asked = select(parameters, request.header("Accept"), now);
  Selection selection = asked;
  const bool any = co_await narrow_to_known_metrics(selection);

  // The first page comes before the status: a database that cannot be reached is a 503, not a broken body.
  Page page;
  if (any) page = co_await telemetry_.page(selection, page_size(selection), true, query_deadline());
  stats_.count(page);
  std::string tag;
  const bool closed = selection.end && *selection.end < now;
  if (closed) tag = co_await etag(selection, page);

  http::Response response(200, std::string(content_type(selection.format)), std::string());
  set_caching(response, tag);
  if (!parameters.format) response.headers.push_back({"Vary", "Accept"});
  if (!tag.empty() && http::names_etag(request.header("If-None-Match"), tag)) {
    ++stats_.not_modified;
    response.status = 304;
    co_return response;
  }
  response.body = answer_begin(selection) + page.entries;
  if (!page.next || selection.limit) response.body += answer_end(asked, page.next);
  if (!page.next) co_return response;
  if (selection.limit) {
    response.headers.push_back({"Link", next_link(request, to_cursor(asked, *page.next))});
  } else {
    ++stats_.streams;
    selection.after = std::move(page.next);
    response.source = std::make_unique<TelemetrySource>(telemetry_, stats_, std::move(selection));
  }
  co_return response;
}

}  // namespace prompted::apigw
