#include "mqwriter/parameters.hpp"

namespace prompted::mqwriter {

void declare(http::Parameters& parameters, PublishParameters& target) {
  parameters.header(
      target.key,
      {"Idempotency-Key",
       "Makes it safe to retry a publish whose outcome is unknown (a timeout, a 503, a broken connection). "
       "The `msg_uuid` of message i is this UUID with i added to its last 48 bits, and a topic stores each "
       "`msg_uuid` only once. Retry with the same key and the same body; use a new key for any other publish. "
       "Without a key, every publish stores new messages."},
      http::uuid_type());
}

}  // namespace prompted::mqwriter
