#pragma once
// Internal to libs/models: the SAX handler behind scan_publish().
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "models/publish.hpp"

namespace prompted::models {

/// Iterates over the body and stores its progress in `*position`, because the parser keeps its own copy of the
/// iterator. A token that has just been reported ends right before `*position`. That gives the exact text of each
/// message without serializing it again.
class CountingIterator {
 public:
  using iterator_category = std::forward_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, const char** position) : at_(at), position_(position) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    *position_ = ++at_;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator before = *this;
    ++*this;
    return before;
  }
  bool operator==(const CountingIterator& other) const { return at_ == other.at_; }
  bool operator!=(const CountingIterator& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  const char** position_;
};

/// The events of one body. Depth 1 is inside the body's object, 2 inside `messages`, 3 inside a message.
class PublishEvents {
 public:
  explicit PublishEvents(const char* begin) : position_(begin) {}
  const char** position() { return &position_; }
  /// The result, once the parser is done. Throws the first error in the order of docs/api.md.
  PublishRequest finish();

  // nlohmann's SAX interface. False ends the parse; finish() then says why.
  bool start_object(std::size_t);
  bool end_object();
  bool start_array(std::size_t);
  bool end_array();
  bool key(std::string& name);
  bool string(std::string& value);
  bool null();
  bool boolean(bool) { return scalar(); }
  bool number_integer(std::int64_t) { return scalar(); }
  bool number_unsigned(std::uint64_t) { return scalar(); }
  bool number_float(double, const std::string& text);
  template <class Binary>
  bool binary(Binary&) {
    return scalar();  // never called: JSON has none
  }
  template <class Exception>
  bool parse_error(std::size_t, const std::string&, const Exception& error) {
    constexpr int number_overflow = 406;
    return refused(error.what(), error.id == number_overflow);
  }

 private:
  /// What the next value is for, as its key said.
  enum class Target { none, topic, messages, gpu_id, uuid };
  enum class Kind { absent, text, array, other };

  /// Whether the next value is an element of `messages`.
  bool at_element() const { return in_messages_ && depth_ == 2; }
  bool in_message() const { return in_messages_ && depth_ >= 3; }
  bool descend();
  bool too_many();
  bool scalar();
  bool refused(const char* what, bool number_overflow);
  /// Records a value's kind for its target; returns and resets the target.
  Target take_target(Kind kind);
  void look_for_nul(const std::string& text);
  void look_for_length(const std::string& text);
  void begin_message();
  void end_message();
  /// The error of the current message; "" if it is valid.
  std::string judge_message(std::string_view text, std::optional<std::string_view> gpu) const;
  void message_error(const std::string& what);
  void forget_messages();

  PublishRequest request_;
  const char* position_;
  const char* message_begin_ = nullptr;
  int depth_ = 0;
  bool in_messages_ = false;
  Target target_ = Target::none;
  Kind topic_kind_ = Kind::absent;
  Kind messages_kind_ = Kind::absent;
  std::size_t index_ = 0;  ///< of the message at hand
  std::string gpu_id_;
  std::string uuid_;
  Kind gpu_id_kind_ = Kind::absent;
  std::size_t digits_ = 0;     ///< that jsonb adds to the current message's text: 1e300 has 301 digits
  bool has_nul_ = false;       ///< in the current message
  std::string key_;            ///< of the current member of the message
  std::string too_long_;       ///< the last name of the current message that is too long, or ""
  std::string message_error_;  ///< the first, in message order
  std::optional<base::Error> failure_;
};

}  // namespace prompted::models
