#pragma once
// Small questions about texts: ASCII case, blanks, digits, whole numbers, percent-encoding.
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace prompted::base {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// ASCII only, whatever the locale.
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
std::string lower(std::string_view text);

/// ASCII, as header names and tokens are compared.
constexpr bool same_without_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

/// Of well-formed UTF-8: every byte but those that continue a character begins one.
constexpr std::size_t count_characters(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  return count;
}

/// Without blanks and tabs at both ends.
constexpr std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// All of `text` is one number: no blank, no plus sign, no prefix. nullopt also when the type cannot hold it.
template <class Number>
std::optional<Number> parse_whole(std::string_view text, int base = 10) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// 0..15; -1 for what is no hexadecimal digit.
constexpr int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char letter = lower(c);
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}
inline constexpr char hex_digits[] = "0123456789abcdef";
/// Two lower-case digits a byte.
std::string to_hex(std::string_view bytes);
/// Either case; nullopt for an odd number of digits or anything but digits.
std::optional<std::string> from_hex(std::string_view digits);

/// RFC 3986 percent-decoding. nullopt for a broken escape.
std::optional<std::string> percent_decode(std::string_view text);
/// The same for request targets: a broken escape stays as it is, and in a query '+' is a blank too. Boost.URL's views
/// reject broken escapes, and clients of this API have always been able to send them.
std::string percent_decode_leniently(std::string_view text, bool plus_is_blank = false);
/// All but RFC 3986's unreserved characters.
std::string percent_encode(std::string_view text);

}  // namespace prompted::base
