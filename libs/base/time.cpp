#include "base/time.hpp"

#include "base/text.hpp"

namespace prompted::base {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

/// Consumes a text from the left, piece by piece. After the first mismatch it stays failed.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  int digits(std::size_t count) {
    if (rest_.size() < count) return fail();
    int value = 0;
    for (char c : rest_.substr(0, count)) {
      if (!is_digit(c)) return fail();
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }
  /// Consumes one of `choices`; '\0' if the next character is none of them.
  char one_of(std::string_view choices) {
    if (rest_.empty() || choices.find(rest_.front()) == std::string_view::npos) {
      fail();
      return '\0';
    }
    const char taken = rest_.front();
    rest_.remove_prefix(1);
    return taken;
  }
  bool next_is(char c) const { return !rest_.empty() && rest_.front() == c; }
  /// ".123": at least one digit; digits beyond six are read and dropped.
  microseconds fraction() {
    one_of(".");
    std::int64_t value = 0;
    std::size_t count = 0;
    for (; count < rest_.size() && is_digit(rest_[count]); ++count) {
      if (count < 6) value = value * 10 + (rest_[count] - '0');
    }
    if (count == 0) fail();
    for (std::size_t i = count; i < 6; ++i) value *= 10;
    rest_.remove_prefix(count);
    return microseconds{value};
  }
  bool complete() const { return good_ && rest_.empty(); }

 private:
  int fail() {
    good_ = false;
    return 0;
  }
  std::string_view rest_;
  bool good_ = true;
};

/// How far local time is ahead of UTC; nullopt for hours or minutes out of range.
std::optional<minutes> parse_offset(Cursor& cursor) {
  const char sign = cursor.one_of("Zz+- ");  // a space was a '+' before the query string was decoded
  if (sign == 'Z' || sign == 'z') return minutes{0};
  const int h = cursor.digits(2);
  cursor.one_of(":");
  const int m = cursor.digits(2);
  if (h > 23 || m > 59) return std::nullopt;
  const minutes size = hours{h} + minutes{m};
  return sign == '-' ? -size : size;
}

void append_digits(std::string& out, std::int64_t value, int width) {
  char buffer[20];
  int at = sizeof buffer;
  for (; value > 0 || width > 0; --width, value /= 10) buffer[--at] = static_cast<char>('0' + value % 10);
  out.append(buffer + at, sizeof buffer - static_cast<std::size_t>(at));
}

}  // namespace

std::optional<Instant> parse_rfc3339(std::string_view text) {
  Cursor cursor(text);
  const int year = cursor.digits(4);
  cursor.one_of("-");
  const int month = cursor.digits(2);
  cursor.one_of("-");
  const int day = cursor.digits(2);
  cursor.one_of("Tt ");
  const int hour = cursor.digits(2);
  cursor.one_of(":");
  const int minute = cursor.digits(2);
  cursor.one_of(":");
  const int second = cursor.digits(2);
  const microseconds fraction = cursor.next_is('.') ? cursor.fraction() : microseconds{0};
  const std::optional<minutes> offset = parse_offset(cursor);
  if (!cursor.complete() || !offset || hour > 23 || minute > 59 || second > 60) return std::nullopt;

  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  const Instant instant =
      std::chrono::sys_days{date} + hours{hour} + minutes{minute} + seconds{second} + fraction - *offset;
  const int utc_year = static_cast<int>(std::chrono::year_month_day{std::chrono::floor<days>(instant)}.year());
  if (utc_year < 1 || utc_year > 9999) return std::nullopt;
  return instant;
}

void append_rfc3339(std::string& out, Instant instant) {
  const auto day = std::chrono::floor<days>(instant);
  const std::chrono::year_month_day date{day};
  std::int64_t rest = (instant - day).count();
  const std::int64_t fraction = rest % 1'000'000;
  rest /= 1'000'000;
  int year = static_cast<int>(date.year());
  if (year < 0) {
    out += '-';
    year = -year;
  }
  append_digits(out, year, 4);
  out += '-';
  append_digits(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  append_digits(out, static_cast<unsigned>(date.day()), 2);
  out += 'T';
  append_digits(out, rest / 3600, 2);
  out += ':';
  append_digits(out, rest / 60 % 60, 2);
  out += ':';
  append_digits(out, rest % 60, 2);
  out += '.';
  append_digits(out, fraction, 6);
  out += 'Z';
}

std::string format_rfc3339(Instant instant) {
  std::string out;
  append_rfc3339(out, instant);
  return out;
}

Instant now_utc() { return std::chrono::floor<microseconds>(std::chrono::system_clock::now()); }

}  // namespace prompted::base
