#pragma once
// Writing JSON by appending to a string: rows become JSON on the database threads, without a DOM.
#include <cstdint>
#include <string>
#include <string_view>

namespace prompted::base {

/// `"…"` with RFC 8259 section 7's escapes; bytes ≥ 0x80 pass through (PostgreSQL gives valid UTF-8). The one escape
/// function of the project.
void append_json_string(std::string& out, std::string_view text);
/// null for an absent text.
void append_json_string_or_null(std::string& out, const char* text);
/// The shortest text that reads back as the same double; null for NaN and the infinities, which JSON lacks.
void append_json_number(std::string& out, double value);

}  // namespace prompted::base
