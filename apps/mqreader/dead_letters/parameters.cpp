#include "mqreader/dead_letters/parameters.hpp"

#include "models/limits.hpp"

namespace prompted::mqreader {

namespace {

constexpr std::int64_t most_listed = 1000;

http::ParameterType<models::DeadLetterPlace> cursor_type() {
  return {"the next_cursor of an earlier answer", R"({"type":"string","pattern":"^[0-9a-f]+$"})",
          [](std::string_view text) { return models::parse_cursor(text); }};
}

}  // namespace

void declare(http::Parameters& parameters, DeadLetterParameters& target) {
  parameters.query(target.query.topic, {"topic", "Only dead letters of this topic. Default: all topics."},
                   http::text_type(models::max_topic_characters));
  parameters.query(
      target.query.limit,
      {"limit", "Maximum dead letters per page; default 100. A page holds fewer if their payloads exceed 1 MiB.",
       "100"},
      http::integer_type(1, most_listed));
  parameters.query(target.query.after, {"cursor", "`next_cursor` of the previous page. Default: the first page."},
                   cursor_type());
}

}  // namespace prompted::mqreader
