#pragma once
// A minimal parser of PostgreSQL's wire protocol (documentation 55.7). From the bytes that pass a gate it tells which
// statement was sent and when its transaction ended.
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace prompted::test::crash {

/// Statements whose commit a gate may cut from its response.
enum class Commit { none, publish, telemetry, ack, attempts, dead_letter };
inline constexpr std::array<const char*, 6> commit_names{"none", "publish",  "telemetry",
                                                         "ack",  "attempts", "dead letter"};

/// Finds the verb anywhere in the statement, because the daemons' statements change form.
Commit commit_of(std::string_view sql);

/// Splits one direction's bytes into messages. Keeps the type and the first bytes of each message body.
class MessageScanner {
 public:
  /// A client's first message has a length but no type.
  explicit MessageScanner(bool client) : at_startup_(client) {}
  void feed(std::string_view bytes, const std::function<void(char type, std::string_view body)>& on_message);

 private:
  static constexpr std::size_t kept_of_body = 4000;
  bool at_startup_;
  std::string head_;  ///< type and length, as far as received
  std::string body_;
  std::uint32_t left_ = 0;  ///< bytes of the body still to come
  bool in_body_ = false;
};

/// The client's side of one connection: which requests await a response.
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
  /// Calls `on_ready` for each ReadyForQuery with whether its transaction changed rows and has committed.
  void feed(std::string_view bytes, const std::function<void(bool committed_rows)>& on_ready);

 private:
  MessageScanner scanner_{false};
  bool changed_rows_ = false;
  bool failed_ = false;
};

}  // namespace prompted::test::crash
