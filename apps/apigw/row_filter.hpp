#pragma once
// A Selection as the first seven parameters of the telemetry statements (sql.hpp). For stores only, because it includes
// pqxx.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apigw/exec.hpp"
#include "apigw/selection.hpp"

namespace prompted::apigw {

inline pg::Array text_array(const std::vector<std::string>& texts) {
  pg::Array array(pg::ElementType::text);
  for (const auto& text : texts) array.add(std::string_view(text));
  return array;
}

/// PostgreSQL's "2026-11-23 12:00:00.12+00" (DateStyle ISO, TimeZone UTC); absent for what RFC 3339 cannot express.
inline std::optional<base::Instant> instant_of(std::string_view postgres_text) {
  return base::parse_rfc3339(std::string(postgres_text) + ":00");
}

class RowFilter {
 public:
  explicit RowFilter(const Selection& selection)
      : selection_(selection),
        metrics_(text_array(selection.metric_names)),
        from_(selection.start ? base::format_rfc3339(*selection.start) : "-infinity"),
        to_(selection.end ? base::format_rfc3339(*selection.end) : "infinity") {}

  /// Moves the bound at which `order` begins.
  void begin_at(base::Instant at, Order order) { (order == Order::ascending ? from_ : to_) = base::format_rfc3339(at); }
  void set_bounds(base::Instant from, base::Instant to) {
    from_ = base::format_rfc3339(from);
    to_ = base::format_rfc3339(to);
  }

  template <class... More>
  pqxx::result exec(pg::Session& session, const pg::Statement& statement, const More&... more) {
    return apigw::exec(session, statement, or_null(selection_.gpu_id), pg::binary(metrics_),
                       or_null(selection_.hostname), or_null(selection_.pod), or_null(selection_.name_space), from_,
                       to_, more...);
  }

 private:
  const Selection& selection_;
  pg::Array metrics_;
  std::string from_;
  std::string to_;
};

}  // namespace prompted::apigw
