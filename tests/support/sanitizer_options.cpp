// Compiled into every test binary: the sanitizers ask these for their defaults (an environment variable overrides
// them).
extern "C" {
const char* __tsan_default_options() { return "exitcode=66"; }
const char* __tsan_default_suppressions() { return "called_from_lib:libpqxx\n"; }
const char* __lsan_default_suppressions() { return "leak:libpqxx\n"; }
const char* __lsan_default_options() { return "print_suppressions=0"; }
const char* __ubsan_default_options() { return "print_stacktrace=1"; }
}
