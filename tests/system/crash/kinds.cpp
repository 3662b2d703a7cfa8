#include "system/crash/kinds.hpp"

#include <algorithm>
#include <array>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace prompted::test::crash {
namespace {

constexpr std::array<std::pair<Kind, const char*>, 24> names{{
    {Kind::freeze_collector, "freeze_collector"},
    {Kind::stop_postgres, "stop_postgres"},
    {Kind::kill_reader, "kill_reader"},
    {Kind::kill_writer, "kill_writer"},
    {Kind::kill_collector, "kill_collector"},
    {Kind::freeze_writer, "freeze_writer"},
    {Kind::freeze_reader, "freeze_reader"},
    {Kind::terminate_writer, "terminate_writer"},
    {Kind::terminate_reader, "terminate_reader"},
    {Kind::terminate_collector, "terminate_collector"},
    {Kind::kill_postgres, "kill_postgres"},
    {Kind::freeze_postgres, "freeze_postgres"},
    {Kind::promote, "promote"},
    {Kind::terminate_sessions, "terminate_sessions"},
    {Kind::reindex, "reindex"},
    {Kind::vacuum_full, "vacuum_full"},
    {Kind::sequence_behind, "sequence_behind"},
    {Kind::foreign_xids, "foreign_xids"},
    {Kind::cut_links, "cut_links"},
    {Kind::stall_links, "stall_links"},
    {Kind::delay_links, "delay_links"},
    {Kind::cut_off_postgres, "cut_off_postgres"},
    {Kind::reader_comes_or_goes, "reader_comes_or_goes"},
    {Kind::collector_comes_or_goes, "collector_comes_or_goes"},
}};

Kind kind_of(const std::string& wanted) {
  std::string known;
  for (const auto& [kind, name] : names) {
    if (wanted == name) return kind;
    known += std::string(known.empty() ? "" : ", ") + name;
  }
  throw std::runtime_error("FAULTS: no fault is called \"" + wanted + "\": all, or some of " + known);
}

}  // namespace

const char* name_of(Kind kind) {
  const auto found =
      std::find_if(names.begin(), names.end(), [kind](const auto& entry) { return entry.first == kind; });
  return found == names.end() ? "?" : found->second;
}

std::vector<Kind> all_kinds() {
  std::vector<Kind> kinds;
  for (const auto& entry : names) kinds.push_back(entry.first);
  return kinds;
}

std::vector<Kind> kinds_of(const std::string& text) {
  if (text == "all") return all_kinds();
  std::vector<Kind> kinds;
  std::istringstream words(text);
  for (std::string word; std::getline(words, word, ',');) {
    word.erase(std::remove(word.begin(), word.end(), ' '), word.end());
    const Kind kind = kind_of(word);
    if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) kinds.push_back(kind);
  }
  if (kinds.empty()) kind_of("");
  return kinds;
}

}  // namespace prompted::test::crash
