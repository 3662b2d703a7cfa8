#pragma once
// Raw libpq, for measuring the limit. Parameters are sent as by the daemons: arrays binary, the rest as text.
#include <libpq-fe.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/array.hpp"
#include "postgres/statement.hpp"

namespace prompted::bench {

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Result = std::unique_ptr<PGresult, ClearResult>;

class Parameters {
 public:
  Parameters& add(pg::Array& array);  ///< must outlive the statement's execution
  Parameters& add(std::string text);
  Parameters& add_null();

 private:
  friend class Pq;
  struct One {
    std::string text;
    const std::string* bytes = nullptr;
    bool null = false;
  };
  std::vector<One> all_;
};

/// One connection, blocking. Throws std::runtime_error with the statement's name.
class Pq {
 public:
  explicit Pq(const std::string& dsn, const std::vector<std::string>& settings = {});
  /// One round trip, never prepared, rows as text (as libpqxx asks for them).
  Result run(const pg::Statement& statement, const Parameters& parameters);
  Result run(const char* text);

 private:
  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  Result checked(PGresult* result, const char* name);
  std::unique_ptr<PGconn, Finish> connection_;
};

inline std::string_view field(const Result& result, int row, int column) {
  return {PQgetvalue(result.get(), row, column), static_cast<std::size_t>(PQgetlength(result.get(), row, column))};
}

}  // namespace prompted::bench
