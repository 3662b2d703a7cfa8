#include "streamer/skip_log.hpp"

#include "base/log.hpp"

namespace prompted::streamer {

void SkipLog::begin_pass(bool loud) {
  loud_ = loud;
  logged_ = 0;
}

void SkipLog::bad(std::string_view path, std::size_t line, std::string_view reason) {
  ++bad_;
  if (may_log(path)) log::warn("row skipped", {{"path", path}, {"line", line}, {"reason", reason}});
}

void SkipLog::rejected(std::string_view path, std::size_t line, int status, std::string_view response) {
  ++rejected_;
  if (may_log(path)) {
    log::warn("row skipped: rejected by mqwriter",
              {{"path", path}, {"line", line}, {"status", status}, {"reason", response}});
  }
}

bool SkipLog::may_log(std::string_view path) {
  if (!loud_) return false;
  if (logged_++ == lines_per_pass)
    log::warn("too many skipped rows; the rest of this pass is counted but not logged", {{"path", path}});
  return logged_ <= lines_per_pass;
}

}  // namespace prompted::streamer
