#include "http/conditional.hpp"

namespace prompted::http {
namespace {

std::string_view opaque(std::string_view etag) {
  if (etag.starts_with("W/")) etag.remove_prefix(2);
  return etag;
}

/// Removes the next entity-tag from the list and returns it, quotes included. Empty at the end.
std::string_view take_etag(std::string_view& list) {
  const auto open = list.find('"');
  if (open == std::string_view::npos) return {};
  const auto close = list.find('"', open + 1);
  if (close == std::string_view::npos) return {};
  const std::string_view etag = list.substr(open, close - open + 1);
  list.remove_prefix(close + 1);
  return etag;
}

}  // namespace

bool names_etag(std::string_view if_none_match, std::string_view etag) {
  if (if_none_match == "*") return true;
  for (;;) {
    const std::string_view named = take_etag(if_none_match);
    if (named.empty()) return false;
    if (named == opaque(etag)) return true;
  }
}

}  // namespace prompted::http
