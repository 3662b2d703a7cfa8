#pragma once
// Runs statements for the stores of this service: refusals that the client caused, and timeouts, become the errors that
// the client gets.
#include "base/error.hpp"
#include "postgres/session.hpp"

namespace prompted::apigw {

template <class... Args>
pqxx::result exec(pg::Session& session, const pg::Statement& statement, const Args&... args) {
  try {
    return session.exec(statement, args...);
  } catch (const pg::StatementError& error) {
    if (error.sqlstate == "57014") throw pg::Expired();  // query_canceled: statement_timeout
    if (error.transient()) throw pg::Unavailable();
    if (error.sqlstate == "22003") throw base::invalid("invalid agg: a bucket's sum is beyond double precision");
    throw;
  }
}

/// NULL for an absent text.
inline const char* or_null(const std::optional<std::string>& text) { return text ? text->c_str() : nullptr; }
inline const char* or_null(const pqxx::field& field) { return field.is_null() ? nullptr : field.c_str(); }

}  // namespace prompted::apigw
