#include "mqwriter/parameters.hpp"

namespace prompted::mqwriter {

void declare(http::Parameters& parameters, PublishParameters& target) {
  parameters.header(
      target.key,
      {"Idempotency-Key",
       "Makes it safe to repeat a publish whose outcome is unknown (a timeout, a 503, a broken connection): "
       "message i gets this UUID, with i added to its last 48 bits, as its `msg_uuid`, and a `msg_uuid` is "
       "stored only once in a topic. Repeat with the same key and the same body; use a fresh key for anything "
       "else. Without it every publish is a new one."},
      http::uuid_type());
}

}  // namespace prompted::mqwriter
