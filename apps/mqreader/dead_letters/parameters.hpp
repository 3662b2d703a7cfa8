#pragma once
// mqreader's parameters, each declared once: parsed, validated and documented.
#include "http/parameter.hpp"
#include "models/dead_letters.hpp"

namespace prompted::mqreader {

/// GET /v1/dead-letters.
struct DeadLetterParameters {
  DeadLetterParameters() = default;  // not an aggregate: it lives in a coroutine (docs/toolchain.md)

  models::DeadLetterQuery query;
};

void declare(http::Parameters& parameters, DeadLetterParameters& target);

}  // namespace prompted::mqreader
