#pragma once
// OpenAPI documentation of mqreader's operations (docs/api.md).
#include <string>
#include <utility>
#include <vector>

#include "http/operation.hpp"

namespace prompted::mqreader {

using Components = std::vector<std::pair<std::string, std::string>>;  ///< name and JSON schema

// operations.cpp
http::Operation lease_operation();
http::Operation ack_operation();
http::Operation nack_operation();
http::Operation extend_operation();
http::Operation partitions_operation();

// dead_letter_operations.cpp
http::Operation list_operation();
http::Operation redrive_operation();
http::Operation purge_operation();

// schemas.cpp, dead_letter_operations.cpp
Components queue_schemas();
Components dead_letter_schemas();

}  // namespace prompted::mqreader
