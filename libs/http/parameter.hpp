#pragma once
// One declaration of a request's parameter parses it, validates it and documents it (OpenAPI 3.0.3, Parameter Object).
// A request's struct T comes with a function `void declare(http::Parameters&, T&)`, similar to config::Schema.
// parse<T>(request) runs it on a request, describe<T>() without one.
#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "base/uuid.hpp"
#include "http/message.hpp"

namespace prompted::http {

/// How one value is parsed. `accepts` completes the error `invalid limit: must be …`.
template <class T>
struct ParameterType {
  std::string accepts;                                     ///< "an integer from 1 to 10000"
  std::string schema;                                      ///< JSON: {"type":"integer","minimum":1,"maximum":10000}
  std::function<std::optional<T>(std::string_view)> read;  ///< nullopt if invalid; may throw base::Error(invalid)
};

/// UTF-8 of at most `most` characters (code points, as in JSON Schema), without NUL: PostgreSQL's text cannot hold one,
/// and it would truncate a parameter.
ParameterType<std::string> text_type(std::size_t most = 256);
/// Like text_type(), for a path segment, which is never empty.
ParameterType<std::string> segment_type(std::size_t most = 256);
/// A header's value as bytes, because RFC 9110 section 5.5 allows ISO 8859-1 (obs-text). Never pass it to PostgreSQL.
ParameterType<std::string> field_value_type(std::size_t most);
ParameterType<std::int64_t> integer_type(std::int64_t least, std::int64_t most);
ParameterType<bool> boolean_type();           ///< true, false, 1, 0
ParameterType<base::Instant> instant_type();  ///< RFC 3339 date-time, as lenient as base::parse_rfc3339
/// `500ms`, `90s`, `1m30s`, `2h`, `7d`: whole numbers, above zero, at most `most`.
ParameterType<std::chrono::milliseconds> duration_type(std::chrono::milliseconds most);
ParameterType<base::Uuid> uuid_type();

/// One word of a list; each maps to a value of an enumeration.
template <class E>
ParameterType<E> word_type(std::vector<std::pair<std::string, E>> words);

struct ParameterText {
  std::string name;
  std::string description;   ///< Markdown
  std::string example = {};  ///< as in a URL; "" shows none
};

enum class ParameterPlace { path, query, header };

/// A parameter's entry in the OpenAPI document.
struct ParameterDoc {
  ParameterPlace place = ParameterPlace::query;
  ParameterText text;
  std::string schema;     ///< of one value
  bool repeated = false;  ///< `metric_name=a&metric_name=b`
  std::size_t most = 1;   ///< values, when repeated
};

/// Collects the declarations of declare() and parses each. An empty value counts as absent (docs/api.md). Two values of
/// a single-valued parameter are an error. So is an undeclared query parameter, because a misspelt filter would show
/// everything.
class Parameters {
 public:
  Parameters() = default;  ///< describes only
  explicit Parameters(const Request& request) : request_(&request) {}

  void path(std::string& target, ParameterText text, const ParameterType<std::string>& type = segment_type());
  template <class T>
  void query(std::optional<T>& target, ParameterText text, const ParameterType<T>& type) {
    declare(ParameterPlace::query, text, type.schema);
    if (const auto value = single(text.name)) target = read(text.name, type, *value);
  }
  /// `target` holds the default.
  template <class T>
  void query(T& target, ParameterText text, const ParameterType<T>& type) {
    declare(ParameterPlace::query, text, type.schema);
    if (const auto value = single(text.name)) target = read(text.name, type, *value);
  }
  /// Repeatable: at most `most` values.
  template <class T>
  void query(std::vector<T>& target, ParameterText text, const ParameterType<T>& type, std::size_t most = 100) {
    declare(ParameterPlace::query, text, type.schema, most);
    for (const std::string_view value : all(text.name, most)) target.push_back(read(text.name, type, value));
  }
  template <class T>
  void header(std::optional<T>& target, ParameterText text, const ParameterType<T>& type) {
    declare(ParameterPlace::header, text, type.schema);
    if (const auto value = single_header(text.name)) target = read(text.name, type, *value);
  }

  /// Throws base::Error(invalid) for a query parameter that was not declared.
  void finish() const;
  std::vector<ParameterDoc> take() && { return std::move(declared_); }

 private:
  template <class T>
  static T read(std::string_view name, const ParameterType<T>& type, std::string_view value) {
    std::optional<T> result = type.read(value);
    if (!result) refuse(name, type.accepts);
    return std::move(*result);
  }
  [[noreturn]] static void refuse(std::string_view name, std::string_view accepts);
  /// `most` is absent for single-valued parameters.
  void declare(ParameterPlace place, const ParameterText& text, const std::string& schema,
               std::optional<std::size_t> most = std::nullopt);
  std::optional<std::string_view> single(std::string_view name) const;
  std::optional<std::string_view> single_header(std::string_view name) const;
  std::vector<std::string_view> all(std::string_view name, std::size_t most) const;

  const Request* request_ = nullptr;
  std::vector<ParameterDoc> declared_;
};

/// Throws base::Error(invalid): `invalid limit: must be an integer from 1 to 10000`.
template <class T>
T parse(const Request& request) {
  T target;
  Parameters parameters(request);
  declare(parameters, target);
  parameters.finish();
  return target;
}

template <class T>
std::vector<ParameterDoc> describe() {
  T target;
  Parameters parameters;
  declare(parameters, target);
  return std::move(parameters).take();
}

/// `{"type":"string","enum":["asc","desc"]}` and "one of asc, desc".
std::string enum_schema(const std::vector<std::string>& words);
std::string one_of_text(const std::vector<std::string>& words);

template <class E>
ParameterType<E> word_type(std::vector<std::pair<std::string, E>> words) {
  std::vector<std::string> names;
  names.reserve(words.size());
  for (const auto& [name, value] : words) names.push_back(name);
  return {one_of_text(names), enum_schema(names),
          [words = std::move(words)](std::string_view text) -> std::optional<E> {
            for (const auto& [name, value] : words) {
              if (name == text) return value;
            }
            return std::nullopt;
          }};
}

}  // namespace prompted::http
