#pragma once
// As much of PostgreSQL's wire protocol (documentation 55.7) as it takes to know which statement was asked and when its
// transaction is over, from the bytes that pass a gate.
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace prompted::test::crash {

/// Statements whose commit a gate may cut from its reply.
enum class Commit { none, publish, telemetry, ack, attempts, dead_letter };
inline constexpr std::array<const char*, 6> commit_names{"none", "publish",  "telemetry",
                                                         "ack",  "attempts", "dead letter"};

/// Wherever in the statement its verb is: the daemons' statements change their form.
Commit commit_of(std::string_view sql);

/// Cuts one direction's bytes into messages; of each it keeps the type and the first bytes of the body.
class MessageScanner {
 public:
  /// A client begins with a message that has a length and no type.
  explicit MessageScanner(bool client) : at_startup_(client) {}
  void feed(std::string_view bytes, const std::function<void(char type, std::string_view body)>& on_message);

 private:
  static constexpr std::size_t kept_of_body = 4000;
  bool at_startup_;
  std::string head_;  ///< type and length, as far as they came
  std::string body_;
  std::uint32_t left_ = 0;  ///< of the body
  bool in_body_ = false;
};

/// The client's side of one connection: what it waits for.
class Asked {
 public:
  /// Calls `on_request` for each request that the server will answer with ReadyForQuery.
  void feed(std::string_view bytes, const std::function<void(Commit)>& on_request);

 private:
  MessageScanner scanner_{true};
  Commit current_ = Commit::none;
};

/// The server's side.
class Answered {
 public:
  /// Calls `on_ready` for each ReadyForQuery: whether its transaction changed rows and is committed by now.
  void feed(std::string_view bytes, const std::function<void(bool committed_rows)>& on_ready);

 private:
  MessageScanner scanner_{false};
  bool changed_rows_ = false;
  bool failed_ = false;
};

}  // namespace prompted::test::crash
