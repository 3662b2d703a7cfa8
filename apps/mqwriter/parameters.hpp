#pragma once
// mqwriter's parameters, each declared once: parsed, validated and documented.
#include <optional>

#include "base/uuid.hpp"
#include "http/parameter.hpp"

namespace prompted::mqwriter {

struct PublishParameters {
  std::optional<base::Uuid> key;  ///< of message 0; message i's has i added to its last 48 bits
};

void declare(http::Parameters& parameters, PublishParameters& target);

}  // namespace prompted::mqwriter
