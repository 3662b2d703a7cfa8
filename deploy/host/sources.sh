# Sourced: the project's C++ files.
cpp_files() { (cd "$ROOT" && find apps libs tests -type f \( -name '*.cpp' -o -name '*.hpp' \) | sort); }
