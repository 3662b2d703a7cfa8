// Default sanitizer options, compiled into every test binary. Environment variables override them.
extern "C" {
const char* __tsan_default_options() { return "exitcode=66"; }
const char* __tsan_default_suppressions() { return "called_from_lib:libpqxx\n"; }
const char* __lsan_default_suppressions() { return "leak:libpqxx\n"; }
const char* __lsan_default_options() { return "print_suppressions=0"; }
const char* __ubsan_default_options() { return "print_stacktrace=1"; }
}
