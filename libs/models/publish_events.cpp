#include "models/publish_events.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "base/text.hpp"
#include "models/gpu_identity.hpp"
#include "models/invalid_json.hpp"

namespace prompted::models {

namespace {

/// The members of a row that are names (limits.hpp).
constexpr std::string_view names[] = {"gpu_id",   "uuid",     "metric_name", "device", "model_name", "modelName",
                                      "hostname", "Hostname", "container",   "pod",    "namespace"};

}  // namespace

// --- where we are ---

bool PublishEvents::descend() {
  if (++depth_ <= max_json_depth) return true;
  failure_ = invalid_json("nested deeper than " + std::to_string(max_json_depth) + " levels");
  return false;
}

bool PublishEvents::start_object(std::size_t) {
  if (at_element()) {
    if (index_ >= max_publish_messages) return too_many();
    begin_message();
  } else if (depth_ > 0) take_target(Kind::other);
  return descend();
}

bool PublishEvents::end_object() {
  if (in_messages_ && depth_ == 3) end_message();
  --depth_;
  return true;
}

bool PublishEvents::start_array(std::size_t) {
  if (depth_ == 0) return scalar();
  if (take_target(Kind::array) == Target::messages) in_messages_ = true;
  return descend();
}

bool PublishEvents::end_array() {
  if (--depth_ == 1) in_messages_ = false;
  return true;
}

bool PublishEvents::key(std::string& name) {
  target_ = Target::none;
  if (depth_ == 1) {
    if (name == "topic") target_ = Target::topic;
    else if (name == "messages") target_ = Target::messages;
  } else if (in_message()) {
    look_for_nul(name);
    if (depth_ != 3) return true;
    key_ = name;
    if (name == "gpu_id") target_ = Target::gpu_id;
    else if (name == "uuid") target_ = Target::uuid;
  }
  return true;
}

// --- values ---

bool PublishEvents::string(std::string& value) {
  if (depth_ == 0) return scalar();
  if (in_message()) look_for_nul(value);
  if (in_message() && depth_ == 3) look_for_length(value);
  switch (take_target(Kind::text)) {
    case Target::topic:
      request_.topic = value;
      break;
    case Target::gpu_id:
      gpu_id_ = value;
      break;
    case Target::uuid:
      uuid_ = value;
      break;
    case Target::messages:
    case Target::none:
      break;
  }
  return true;
}

/// PostgreSQL chapter 8.14: jsonb numbers are numeric, whose text has no exponent.
bool PublishEvents::number_float(double, const std::string& text) {
  const std::size_t e = text.find_first_of("eE");
  if (in_message() && e != std::string::npos)
    digits_ += static_cast<std::size_t>(
        std::labs(std::clamp(std::strtol(text.c_str() + e + 1, nullptr, 10), -100'000L, 100'000L)));
  return scalar();
}

bool PublishEvents::null() {
  if (depth_ == 0) return scalar();
  take_target(Kind::absent);
  return true;
}

bool PublishEvents::too_many() {
  failure_ = base::Error(base::ErrorKind::too_large,
                         "messages must not hold more than " + std::to_string(max_publish_messages) + " messages");
  return false;
}

bool PublishEvents::scalar() {
  if (depth_ == 0) {
    failure_ = invalid_json("the body must be an object");
    return false;
  }
  take_target(Kind::other);
  return true;
}

PublishEvents::Target PublishEvents::take_target(Kind kind) {
  if (at_element()) {
    message_error("must be an object");
    ++index_;
  }
  const Target target = std::exchange(target_, Target::none);
  switch (target) {
    case Target::topic:
      topic_kind_ = kind;
      request_.topic.clear();
      break;
    case Target::messages:
      messages_kind_ = kind;
      forget_messages();
      break;
    case Target::gpu_id:
      gpu_id_kind_ = kind;
      gpu_id_.clear();
      break;
    case Target::uuid:
      uuid_.clear();
      break;
    case Target::none:
      break;
  }
  return target;
}

// --- messages ---

void PublishEvents::forget_messages() {
  request_.messages.clear();
  message_error_.clear();
  index_ = 0;
}

void PublishEvents::begin_message() {
  message_begin_ = position_ - 1;  // the brace has just been read
  gpu_id_.clear();
  uuid_.clear();
  gpu_id_kind_ = Kind::absent;
  has_nul_ = false;
  digits_ = 0;
  too_long_.clear();
}

void PublishEvents::end_message() {
  const std::string_view text(message_begin_, static_cast<std::size_t>(position_ - message_begin_));
  const auto gpu = gpu_identity(gpu_id_, uuid_);
  if (const std::string bad = judge_message(text, gpu); !bad.empty()) message_error(bad);
  // After an error the rest is only checked for syntax.
  if (message_error_.empty()) request_.messages.push_back({text, std::string(*gpu)});
  ++index_;
}

std::string PublishEvents::judge_message(std::string_view text, std::optional<std::string_view> gpu) const {
  if (text.size() + digits_ > max_message_bytes) return "is larger than 256 KiB";
  if (has_nul_) return "must not contain a NUL character";
  if (!too_long_.empty())
    return too_long_ + " must not be longer than " + std::to_string(max_name_characters) + " characters";
  if (gpu) return {};
  return gpu_id_kind_ == Kind::absent || gpu_id_kind_ == Kind::text ? "gpu_id is required" : "gpu_id must be a string";
}

void PublishEvents::look_for_length(const std::string& text) {
  if (text.size() <= max_name_characters || base::count_characters(text) <= max_name_characters) return;
  if (std::find(std::begin(names), std::end(names), key_) != std::end(names)) too_long_ = key_;
}

void PublishEvents::look_for_nul(const std::string& text) { has_nul_ = has_nul_ || has_nul_byte(text); }

void PublishEvents::message_error(const std::string& what) {
  if (message_error_.empty()) message_error_ = "messages[" + std::to_string(index_) + "]: " + what;
}

// --- the end ---

bool PublishEvents::refused(const char* what, bool number_overflow) {
  if (in_message() && number_overflow) message_error("holds a number beyond double precision");
  else if (in_message() && position_[-1] == '\0') message_error("must not contain a NUL character");
  else failure_ = invalid_json(what);
  if (!failure_) failure_ = base::invalid(message_error_);
  return false;
}

PublishRequest PublishEvents::finish() {
  if (failure_) throw *failure_;
  if (topic_kind_ == Kind::array || topic_kind_ == Kind::other) throw base::invalid("topic must be a string");
  if (request_.topic.empty()) throw base::invalid("topic is required");
  if (has_nul_byte(request_.topic)) throw base::invalid("topic must not contain a NUL character");
  if (base::count_characters(request_.topic) > max_topic_characters)
    throw base::invalid("topic must not be longer than " + std::to_string(max_topic_characters) + " characters");
  if (messages_kind_ == Kind::text || messages_kind_ == Kind::other) throw base::invalid("messages must be an array");
  if (index_ == 0) throw base::invalid("messages must not be empty");
  if (!message_error_.empty()) throw base::invalid(message_error_);
  return std::move(request_);
}

}  // namespace prompted::models
