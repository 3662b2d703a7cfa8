#pragma once
// The data directory that every test's cluster is a copy of: initdb and the migrations run once, not once a test.
#include <filesystem>
#include <string>
#include <vector>

namespace prompted::test {

/// Where clusters of this user live: short, because a unix socket's path has at most 107 bytes.
std::filesystem::path clusters_root();
/// Made on first need (under a file lock) and kept; its name has a hash of the migrations. It has the user and
/// superuser `prompted` and the database template `migrated`.
std::filesystem::path template_directory();
/// Makes `directory` (which must not exist) a copy of it.
void copy_template(const std::filesystem::path& directory);
/// Removes clusters whose test process died without doing so.
void remove_stale_clusters();

std::string postgres_program(const std::string& name);
/// The user that PostgreSQL runs as: "" unless we are root.
std::string postgres_user();
/// Makes a directory that the server's user owns.
void make_owned_directory(const std::filesystem::path& directory);

}  // namespace prompted::test
