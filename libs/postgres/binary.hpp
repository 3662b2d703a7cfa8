#pragma once
// Binary parameters for exec_params: the one place that names what libpqxx 7 renamed.
#include <pqxx/binarystring>

#include "postgres/array.hpp"

namespace prompted::pg {

inline pqxx::binarystring binary(Array& array) {
  const std::string& bytes = array.bytes();
  return pqxx::binarystring(bytes.data(), bytes.size());
}

}  // namespace prompted::pg
