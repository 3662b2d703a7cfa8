#pragma once
// Explains apigw's statements on a connection with apigw's settings.
#include <optional>
#include <string>

#include "apigw/row_filter.hpp"
#include "apigw/session_settings.hpp"
#include "apigw/sql.hpp"
#include "service/apigw_fixture.hpp"

namespace prompted::test {

using apigw::RowFilter;
using apigw::Selection;
namespace sql = apigw::sql;

class ApigwStatements : public Apigw {
 protected:
  void run(const std::string& text) const { Apigw::sql(text); }
  void connect() {
    session.emplace(url);
    session->set_up(apigw::session_settings());
  }

  /// EXPLAIN (options) with the values at hand, as apigw's statements are planned.
  template <class... Args>
  std::string explain(const std::string& options, const pg::Statement& statement, const Args&... args) {
    const std::string text = "EXPLAIN (" + options + ") " + statement.text;
    return lines_of(session->exec(pg::Statement{statement.name, text.c_str()}, args...));
  }
  template <class... Args>
  std::string explain(const std::string& options, RowFilter& filter, const pg::Statement& statement,
                      const Args&... more) {
    const std::string text = "EXPLAIN (" + options + ") " + statement.text;
    return lines_of(filter.exec(*session, pg::Statement{statement.name, text.c_str()}, more...));
  }

  std::optional<pg::Session> session;

 private:
  static std::string lines_of(const pqxx::result& rows) {
    std::string lines;
    for (const auto& row : rows) lines += std::string("    ") + row[0].c_str() + "\n";
    return lines;
  }
};

}  // namespace prompted::test
