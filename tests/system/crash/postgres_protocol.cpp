#include "system/crash/postgres_protocol.hpp"

#include <algorithm>

namespace prompted::test::crash {
namespace {

std::uint32_t big_endian(std::string_view four) {
  std::uint32_t number = 0;
  for (const char c : four) number = number << 8 | static_cast<unsigned char>(c);
  return number;
}

/// Whether a command tag ("INSERT 0 7", "DELETE 3", "UPDATE 0") tells of touched rows. "SELECT 0" counts as touched: it
/// is also the tag of a statement that writes in its WITH and returns something else. Read-only statements are never
/// passed here.
bool touched_rows(std::string_view tag) {
  tag = tag.substr(0, tag.find('\0'));
  if (tag.starts_with("SELECT")) return true;
  const bool writes = tag.starts_with("INSERT") || tag.starts_with("DELETE") || tag.starts_with("UPDATE");
  return writes && !tag.ends_with(" 0");
}

}  // namespace

Commit commit_of(std::string_view sql) {
  const auto has = [sql](const char* text) { return sql.find(text) != std::string_view::npos; };
  if (has("INSERT INTO dead_letters")) return Commit::dead_letter;  // which also contains a DELETE
  if (has("INSERT INTO queue_messages")) return Commit::publish;
  if (has("INSERT INTO telemetry")) return Commit::telemetry;
  if (has("DELETE FROM queue_messages")) return Commit::ack;
  if (has("UPDATE queue_messages") && has("SET attempts")) return Commit::attempts;
  return Commit::none;
}

void MessageScanner::feed(std::string_view bytes, const std::function<void(char, std::string_view)>& on_message) {
  while (!bytes.empty()) {
    if (!in_body_) {
      const std::size_t head_size = at_startup_ ? 4 : 5;
      const std::size_t taken = std::min(head_size - head_.size(), bytes.size());
      head_.append(bytes.substr(0, taken));
      bytes.remove_prefix(taken);
      if (head_.size() < head_size) return;
      left_ = big_endian(std::string_view(head_).substr(head_size - 4)) - 4;  // the length counts itself
      in_body_ = true;
    }
    const std::size_t taken = std::min<std::size_t>(left_, bytes.size());
    if (body_.size() < kept_of_body) body_.append(bytes.substr(0, std::min(taken, kept_of_body - body_.size())));
    bytes.remove_prefix(taken);
    left_ -= static_cast<std::uint32_t>(taken);
    if (left_ > 0) return;
    on_message(at_startup_ ? '\0' : head_[0], body_);
    at_startup_ = in_body_ = false;
    head_.clear();
    body_.clear();
  }
}

void Asked::feed(std::string_view bytes, const std::function<void(Commit)>& on_request) {
  scanner_.feed(bytes, [&](char type, std::string_view body) {
    if (type == 'P')
      current_ = commit_of(body.substr(std::min(body.find('\0') + 1, body.size())));  // skips the statement's name
    if (type == 'Q') current_ = commit_of(body);
    if (type == 'S' || type == 'Q') {
      on_request(current_);
      current_ = Commit::none;
    }
  });
}

void Answered::feed(std::string_view bytes, const std::function<void(bool)>& on_ready) {
  scanner_.feed(bytes, [&](char type, std::string_view body) {
    if (type == 'C' && touched_rows(body)) changed_rows_ = true;
    if (type == 'E') failed_ = true;
    if (type != 'Z') return;
    // Checked only now, because an extended query outside a transaction block commits at Sync, after its
    // CommandComplete.
    on_ready(changed_rows_ && !failed_ && body == "I");
    changed_rows_ = failed_ = false;
  });
}

}  // namespace prompted::test::crash
