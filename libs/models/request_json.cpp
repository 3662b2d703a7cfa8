#include "models/request_json.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "base/text.hpp"
#include "models/invalid_json.hpp"
#include "models/limits.hpp"

namespace prompted::models {

namespace {

using Kind = RequestObject::Kind;

static_assert(RequestObject::kept_bytes > 4 * max_topic_characters &&
              RequestObject::kept_bytes > 4 * max_consumer_characters &&
              RequestObject::kept_bytes > 4 * max_lease_id_characters &&
              RequestObject::kept_bytes > max_reason_bytes + 4);

/// nlohmann's SAX events of one body. Depth 1 is inside the body's object.
class RequestEvents {
 public:
  explicit RequestEvents(RequestObject& object) : object_(object) {}
  /// Throws what was found wrong with the body as a whole.
  void finish() const {
    if (failure_) throw *failure_;
  }

  bool start_object(std::size_t) {
    if (depth_ == 0) is_object_ = true;
    return value(Kind::other) && descend();
  }
  bool end_object() {
    --depth_;
    return true;
  }
  bool start_array(std::size_t) { return value(Kind::list) && descend(); }
  bool end_array() {
    if (--depth_ == 1) list_ = nullptr;
    return true;
  }
  bool key(std::string& name) {
    if (depth_ == 1) target_ = object_.find(name);
    return true;
  }
  bool string(std::string& found) {
    if (list_ != nullptr && depth_ == 2) return element(base::parse_uuid(found));
    RequestObject::Member* const target = target_;
    if (!value(Kind::text)) return false;
    if (depth_ != 1 || target == nullptr) return true;
    target->text.assign(found, 0, RequestObject::kept_bytes);
    target->has_nul = has_nul_byte(found);
    return true;
  }
  bool null() { return value(Kind::absent); }
  bool boolean(bool found) {
    if (depth_ == 1 && target_ != nullptr) target_->truth = found;
    return value(Kind::boolean);
  }
  bool number_integer(std::int64_t found) { return number(static_cast<double>(found)); }
  bool number_unsigned(std::uint64_t found) { return number(static_cast<double>(found)); }
  bool number_float(double found, const std::string&) { return number(found); }
  template <class Binary>
  bool binary(Binary&) {
    return value(Kind::other);  // never called: JSON has none
  }
  template <class Exception>
  bool parse_error(std::size_t, const std::string&, const Exception& error) {
    failure_ = invalid_json(error.what());
    return false;
  }

 private:
  /// A value begins: the member whose key came before it is now of this kind, whatever it was.
  bool value(Kind kind) {
    if (depth_ == 0 && !is_object_) {
      failure_ = invalid_json("the body must be an object");
      return false;
    }
    if (list_ != nullptr && depth_ == 2) return element(std::nullopt);
    RequestObject::Member* const target = std::exchange(target_, nullptr);
    if (depth_ != 1 || target == nullptr) return true;
    target->kind = kind;
    target->uuids.clear();
    target->elements = 0;
    target->bad_element.reset();
    if (kind == Kind::list) list_ = target;
    return true;
  }
  bool element(const std::optional<base::Uuid>& uuid) {
    if (!uuid && !list_->bad_element) list_->bad_element = list_->elements;
    if (uuid && list_->uuids.size() < max_lease_messages) list_->uuids.push_back(*uuid);
    ++list_->elements;
    return true;
  }
  bool number(double found) {
    if (depth_ == 1 && target_ != nullptr) target_->number = found;
    return value(Kind::number);
  }
  bool descend() {
    ++depth_;
    return true;
  }

  RequestObject& object_;
  RequestObject::Member* target_ = nullptr;  ///< of the next value
  RequestObject::Member* list_ = nullptr;    ///< whose elements are being read
  std::size_t depth_ = 0;
  bool is_object_ = false;
  std::optional<base::Error> failure_;
};

}  // namespace

RequestObject::Member* RequestObject::find(std::string_view name) {
  const auto found = std::find(names_.begin(), names_.end(), name);
  return found == names_.end() ? nullptr : &members_[static_cast<std::size_t>(found - names_.begin())];
}

const RequestObject::Member& RequestObject::at(std::string_view name) const {
  const auto found = std::find(names_.begin(), names_.end(), name);
  if (found == names_.end()) throw std::logic_error("a member that no request has");
  return members_[static_cast<std::size_t>(found - names_.begin())];
}

RequestObject parse_object(std::string_view body) {
  RequestObject object;
  RequestEvents events(object);
  nlohmann::json::sax_parse(body.begin(), body.end(), &events);
  events.finish();
  if (has_nul_byte(body)) throw invalid_json("a NUL byte after the body's object");
  return object;
}

base::Error bad(const char* name, const std::string& what) { return base::invalid(name + (" " + what)); }

std::string text(const RequestObject& object, const char* name) {
  const auto& member = object.at(name);
  if (member.kind == Kind::absent) return {};
  if (member.kind != Kind::text) throw bad(name, "must be a string");
  if (member.has_nul) throw bad(name, "must not contain a NUL character");  // PostgreSQL's text has none
  return member.text;
}

std::string required_text(const RequestObject& object, const char* name) {
  std::string found = text(object, name);
  if (found.empty()) throw bad(name, "is required");
  return found;
}

void require_characters(const char* name, std::string_view text, std::size_t most) {
  if (base::count_characters(text) > most)
    throw bad(name, "must not be longer than " + std::to_string(most) + " characters");
}

double number(const RequestObject& object, const char* name) {
  const auto& member = object.at(name);
  if (member.kind == Kind::absent) return 0;
  if (member.kind != Kind::number) throw bad(name, "must be a number");
  return member.number;
}

bool boolean(const RequestObject& object, const char* name) {
  const auto& member = object.at(name);
  if (member.kind == Kind::absent) return false;
  if (member.kind != Kind::boolean) throw bad(name, "must be a boolean");
  return member.truth;
}

std::optional<std::vector<base::Uuid>> uuid_list(const RequestObject& object, const char* name) {
  const auto& member = object.at(name);
  if (member.kind == Kind::absent) return std::nullopt;
  if (member.kind != Kind::list) throw bad(name, "must be an array");
  if (member.elements > max_lease_messages)
    throw bad(name, "must not hold more than " + std::to_string(max_lease_messages) + " UUIDs");
  if (member.bad_element) throw base::invalid(name + ("[" + std::to_string(*member.bad_element) + "]: must be a UUID"));
  return member.uuids;
}

}  // namespace prompted::models
