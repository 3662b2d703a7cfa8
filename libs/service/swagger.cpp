#include "service/swagger.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "http/conditional.hpp"
#include "http/gzip.hpp"
#include "http/negotiation.hpp"
#include "service/swagger_assets.hpp"

namespace prompted::service {
namespace {

namespace asio = boost::asio;

/// Swagger UI writes style attributes and has its icons as data: URLs; scripts and calls stay with this daemon.
constexpr const char* security_policy =
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'";
constexpr const char* ask_again = "no-cache";
constexpr const char* keep_a_day = "public, max-age=86400";
constexpr std::size_t piece_size = 64 * 1024;

/// A file whose content never changes while the daemon runs.
struct File {
  std::string content_type;
  const char* cache_control = ask_again;
  std::string etag;
  std::string_view coded;  ///< gzip; static storage
};

/// An entity tag of gzip-coded bytes: their trailer is the content's CRC-32 and length. Weak, as it is that of the
/// plain content too.
std::string etag_of(std::string_view coded) { return "W/\"" + base::to_hex(coded.substr(coded.size() - 8)) + '"'; }

/// For the few clients that do not accept gzip.
struct Inflated final : http::Source {
  explicit Inflated(std::string_view coded) : decoder(coded) {}
  asio::awaitable<std::optional<std::string>> next() override {
    std::optional<std::string> piece = decoder.next(piece_size);
    if (piece->empty()) piece.reset();
    co_return piece;
  }
  http::GzipDecoder decoder;
};

/// The whole response, or 304.
http::Response response_for(const http::Request& request, const char* cache_control, const std::string& etag) {
  http::Response response;
  response.headers.push_back(http::Header{"Cache-Control", cache_control});
  response.headers.push_back(http::Header{"ETag", etag});
  response.headers.push_back(http::Header{"X-Content-Type-Options", "nosniff"});
  response.headers.push_back(http::Header{"Content-Security-Policy", security_policy});
  const std::string known = http::list_header(request.headers, "If-None-Match");
  if (http::names_etag(known, etag)) response.status = 304;
  return response;
}

asio::awaitable<http::Response> serve_file(const File& file, http::Request& request) {
  http::Response response = response_for(request, file.cache_control, file.etag);
  if (response.status == 304) co_return response;
  response.content_type = file.content_type;
  const bool coded = http::compressible(file.content_type) &&
                     http::prefers_gzip(http::list_header(request.headers, "Accept-Encoding"));
  if (coded) {
    response.headers.push_back(http::Header{"Content-Encoding", "gzip"});
    response.headers.push_back(http::Header{"Vary", "Accept-Encoding"});
    response.body = std::string(file.coded);
  } else {
    response.source = std::make_unique<Inflated>(file.coded);
  }
  co_return response;
}

asio::awaitable<http::Response> serve_document(const std::shared_ptr<const std::string>& document,
                                               const std::string& etag, http::Request& request) {
  http::Response response = response_for(request, ask_again, etag);
  if (response.status == 304) co_return response;
  response.content_type = "application/json";
  response.body = *document;
  co_return response;
}

asio::awaitable<http::Response> redirect(const char* location, http::Request&) {
  http::Response response(302);
  response.headers.push_back(http::Header{"Location", location});
  response.headers.push_back(http::Header{"Cache-Control", ask_again});
  co_return response;
}

void add(http::Router& router, std::string pattern, http::Handler handler) {
  http::Route route;
  route.pattern = std::move(pattern);
  route.handler = std::move(handler);
  router.add(std::move(route));
}

File file_of(const SwaggerAsset& asset) {
  File file;
  file.content_type = asset.content_type;
  if (file.content_type.starts_with("text/")) file.content_type += "; charset=utf-8";
  file.cache_control = asset.lasting ? keep_a_day : ask_again;
  file.coded = std::string_view(asset.begin, static_cast<std::size_t>(asset.end - asset.begin));
  file.etag = etag_of(file.coded);
  return file;
}

}  // namespace

void add_swagger(http::Router& router, const http::Api& api) {
  auto document = std::make_shared<const std::string>(http::openapi(api, router.routes()));
  const std::string etag = etag_of(http::gzip(*document));
  add(router, "/swagger/doc.json", std::bind_front(serve_document, std::move(document), etag));

  const char* entrance = "/swagger/doc.json";
  if (swagger_assets != nullptr) {
    entrance = "/swagger/index.html";
    const SwaggerAssets assets = swagger_assets();
    for (std::size_t i = 0; i < assets.count; ++i) {
      const SwaggerAsset& asset = assets.first[i];
      if (asset.begin == asset.end) continue;
      add(router, std::string("/swagger/") + asset.name, std::bind_front(serve_file, file_of(asset)));
    }
  }
  for (const char* path : {"/", "/swagger", "/swagger/"}) add(router, path, std::bind_front(redirect, entrance));
}

}  // namespace prompted::service
