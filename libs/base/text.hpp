#pragma once
// Small text helpers: ASCII case, whitespace, digits, integers, percent-encoding.
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace prompted::base {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Lower case, ASCII only, independent of the locale.
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
std::string lower(std::string_view text);

/// ASCII case-insensitive equality, as for header names and tokens.
constexpr bool same_without_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

/// Counts the characters of well-formed UTF-8: every byte except continuation bytes starts one.
constexpr std::size_t count_characters(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  return count;
}

/// Strips spaces and tabs from both ends.
constexpr std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Parses `text` if all of it is one number: no spaces, plus sign or prefix. nullopt otherwise, or if it does not fit
/// the type.
template <class Number>
std::optional<Number> parse_whole(std::string_view text, int base = 10) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The value of a hexadecimal digit, 0..15; -1 for any other character.
constexpr int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  const char letter = lower(c);
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}
inline constexpr char hex_digits[] = "0123456789abcdef";
/// Hexadecimal, two lower-case digits per byte.
std::string to_hex(std::string_view bytes);
/// Accepts either case. nullopt for an odd number of digits or any other character.
std::optional<std::string> from_hex(std::string_view digits);

/// RFC 3986 percent-decoding. nullopt for a malformed escape.
std::optional<std::string> percent_decode(std::string_view text);
/// Percent-decoding for request targets: keeps malformed escapes as they are, and decodes '+' as a space if asked to
/// (queries). Boost.URL's views reject malformed escapes, but this API has always accepted them.
std::string percent_decode_leniently(std::string_view text, bool plus_is_blank = false);
/// Encodes every character except RFC 3986's unreserved ones.
std::string percent_encode(std::string_view text);

}  // namespace prompted::base
