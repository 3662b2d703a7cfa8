#include "models/lease_answer.hpp"

#include <charconv>

namespace prompted::models {

namespace {

void append_int(std::string& out, int value) {
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, end);
}

}  // namespace

LeaseAnswer::LeaseAnswer(const base::Uuid& lease_id, base::Instant lease_until, std::size_t bytes_expected) {
  out_.reserve(bytes_expected + 256);
  out_ += "{\"lease_id\":\"";
  base::append_uuid(out_, lease_id);
  out_ += "\",\"lease_until\":\"";
  base::append_rfc3339(out_, lease_until);
  out_ += "\",\"messages\":[";
}

void LeaseAnswer::add(const base::Uuid& msg_uuid, int attempts, int partition_key, std::string_view payload) {
  out_ += first_ ? "{\"msg_uuid\":\"" : ",{\"msg_uuid\":\"";
  first_ = false;
  base::append_uuid(out_, msg_uuid);
  out_ += "\",\"attempts\":";
  append_int(out_, attempts);
  out_ += ",\"partition_key\":";
  append_int(out_, partition_key);
  out_ += ",\"payload\":";
  out_ += payload;
  out_ += '}';
}

std::string LeaseAnswer::finish() && {
  out_ += "]}";
  return std::move(out_);
}

}  // namespace prompted::models
