#pragma once
// SQL that the compiler assembles from named parts, never built at run time.
#include <cstddef>

namespace prompted::apigw::sql {

/// A literal of N − 1 characters.
template <std::size_t N>
struct Text {
  constexpr Text() = default;
  constexpr Text(const char (&literal)[N]) {  // NOLINT: parts are literals
    for (std::size_t i = 0; i < N; ++i) chars[i] = literal[i];
  }
  char chars[N] = {};
};

template <std::size_t N, std::size_t M>
constexpr Text<N + M - 1> operator+(const Text<N>& a, const Text<M>& b) {
  Text<N + M - 1> both;
  for (std::size_t i = 0; i < N - 1; ++i) both.chars[i] = a.chars[i];
  for (std::size_t i = 0; i < M; ++i) both.chars[N - 1 + i] = b.chars[i];
  return both;
}
template <std::size_t N, std::size_t M>
constexpr auto operator+(const Text<N>& a, const char (&b)[M]) {
  return a + Text<M>(b);
}
template <std::size_t N, std::size_t M>
constexpr auto operator+(const char (&a)[N], const Text<M>& b) {
  return Text<N>(a) + b;
}

}  // namespace prompted::apigw::sql
