#pragma once
// The kinds of faults and their names, as selected by FAULTS=.
#include <string>
#include <vector>

namespace prompted::test::crash {

enum class Kind {
  freeze_collector,
  stop_postgres,
  kill_reader,
  kill_writer,
  kill_collector,
  freeze_writer,
  freeze_reader,
  terminate_writer,
  terminate_reader,
  terminate_collector,
  kill_postgres,
  freeze_postgres,
  promote,
  terminate_sessions,
  reindex,
  vacuum_full,
  sequence_behind,
  foreign_xids,
  cut_links,
  stall_links,
  delay_links,
  cut_off_postgres,
  reader_comes_or_goes,
  collector_comes_or_goes,
};

const char* name_of(Kind kind);
std::vector<Kind> all_kinds();
/// Parses "all" or comma-separated names. Throws std::runtime_error that lists the valid names.
std::vector<Kind> kinds_of(const std::string& text);

}  // namespace prompted::test::crash
