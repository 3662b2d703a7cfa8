#pragma once
// The error kinds that cross module boundaries. Each maps to one HTTP status, in http/problem.cpp only.
#include <chrono>
#include <stdexcept>
#include <string>

namespace prompted::base {

enum class ErrorKind {
  invalid,      ///< the caller's input is wrong: 400
  not_found,    ///< 404
  conflict,     ///< 409
  too_large,    ///< 413
  overloaded,   ///< a bounded buffer is full: 503 with Retry-After
  unavailable,  ///< a dependency is unreachable: 503 with Retry-After
  expired,      ///< a deadline passed before the work was done: 503 with Retry-After
};

/// An expected failure whose text is safe to show to the caller: it names the field or resource and never contains SQL,
/// a DSN or a stack trace. Any other exception becomes a 500 without details.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& detail, std::chrono::seconds retry_after = std::chrono::seconds{1})
      : std::runtime_error(detail), kind_(kind), retry_after_(retry_after) {}

  ErrorKind kind() const { return kind_; }
  /// Meaningful for overloaded, unavailable and expired.
  std::chrono::seconds retry_after() const { return retry_after_; }

 private:
  ErrorKind kind_;
  std::chrono::seconds retry_after_;
};

inline Error invalid(const std::string& detail) { return Error(ErrorKind::invalid, detail); }

}  // namespace prompted::base
