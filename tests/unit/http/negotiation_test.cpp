#include "http/negotiation.hpp"

#include <gtest/gtest.h>

namespace prompted::http {
namespace {

TEST(Negotiation, GzipByAcceptEncoding) {
  const struct {
    const char* header;
    bool gzip;
  } cases[] = {
      {"", false},
      {"gzip", true},
      {"GZip", true},
      {"x-gzip", true},
      {"deflate, gzip, br, zstd", true},
      {"deflate,gzip;q=1.0,*;q=0.5", true},
      {"br, deflate", false},
      {"identity", false},
      {"*", true},
      {"*;q=0", false},
      {"gzip;q=0", false},
      {"gzip;q=0.000", false},
      {"gzip;q=0, *", false},
      {"gzip ; q=0.001", true},
      {"gzip;Q=0", false},
      {"identity;q=0", false},
      {"identity;q=0, *", true},
      {"gzip, identity;q=0", true},
      {"gzip;q=0.5, identity", false},
      {"gzip;q=0.5, identity;q=0.5", true},
      {"gzip;q=0.5, identity;q=0.4", true},
      {"gzip, *;q=0", true},
      {" , ,gzip", true},
      {"gzip;q=2", false},
      {"gzip;q=x", false},
      {"gzip;q=", false},
      {"gzip;q=0.1234", false},
      {"gzipped", false},
  };
  for (const auto& [header, gzip] : cases) EXPECT_EQ(prefers_gzip(header), gzip) << header;
}

TEST(Negotiation, TypeByAccept) {
  const struct {
    const char* accept;
    const char* type;
  } cases[] = {
      {"", "application/json"},
      {"*/*", "application/json"},
      {"text/csv", "text/csv"},
      {"TEXT/CSV", "text/csv"},
      {"text/*", "text/csv"},
      {"application/*", "application/json"},
      {"application/x-ndjson", "application/x-ndjson"},
      {"application/*;q=0.5, application/x-ndjson", "application/x-ndjson"},
      {"application/json;q=0.5, text/csv;q=0.9", "text/csv"},
      {"application/json;q=0, */*", "application/x-ndjson"},
      {"text/csv, */*", "text/csv"},
      {"text/csv;q=0.5, */*", "application/json"},
      {"text/csv, application/json", "application/json"},
      {"text/html, application/xhtml+xml, */*;q=0.8", "application/json"},
      {"text/csv;charset=utf-8;q=0.3, application/json;q=0.2", "text/csv"},
      {"image/png", "application/json"},
      {"*/*;q=0", "application/json"},
      {"text/*;q=0.2, text/csv;q=0, application/x-ndjson;q=0.1", "application/x-ndjson"},
      {",,;q=1,", "application/json"},
      {"text/", "application/json"},
  };
  for (const auto& [accept, type] : cases) {
    EXPECT_EQ(preferred_type(accept, {"application/json", "application/x-ndjson", "text/csv"}), type) << accept;
  }
  EXPECT_EQ(preferred_type("text/csv", {"application/json", "text/csv; charset=utf-8"}), "text/csv; charset=utf-8");
}

TEST(Negotiation, ListsOverSeveralLines) {
  std::vector<Header> headers;
  headers.push_back(Header{"Accept-Encoding", "br"});
  headers.push_back(Header{"Host", "x"});
  headers.push_back(Header{"accept-encoding", "gzip"});
  EXPECT_EQ(list_header(headers, "Accept-Encoding"), "br, gzip");
  EXPECT_EQ(list_header(headers, "Accept"), "");
}

}  // namespace
}  // namespace prompted::http
