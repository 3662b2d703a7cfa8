#pragma once
// The embedded files of Swagger UI. Defined by the generated library prompted_swagger_ui (cmake/swagger_ui.cmake).
#include <cstddef>

namespace prompted::service {

struct SwaggerAsset {
  const char* name;          ///< "swagger-ui.css"
  const char* content_type;  ///< "text/css"; text is UTF-8
  const char* begin;         ///< gzip-coded
  const char* end;           ///< == begin if it could not be fetched at build time
  bool lasting;              ///< changes only with Swagger UI's version: caches may keep it without revalidating
};

struct SwaggerAssets {
  const SwaggerAsset* first;
  std::size_t count;
};

/// Weak: null in a daemon that has no API and does not link the library.
[[gnu::weak]] extern SwaggerAssets swagger_assets();

}  // namespace prompted::service
