#pragma once
// The template data directory that every test cluster is copied from, so that initdb and the migrations run once, not
// once per test.
#include <filesystem>
#include <string>
#include <vector>

namespace prompted::test {

/// Directory of this user's clusters. Short, because a unix socket's path has at most 107 bytes.
std::filesystem::path clusters_root();
/// The template, created on first use (under a file lock) and kept. Its name contains a hash of the migrations. It has
/// the superuser `prompted` and the database template `migrated`.
std::filesystem::path template_directory();
/// Copies the template to `directory`, which must not exist.
void copy_template(const std::filesystem::path& directory);
/// Removes clusters left behind by test processes that died.
void remove_stale_clusters();

std::string postgres_program(const std::string& name);
/// The user that PostgreSQL runs as; "" unless the test runs as root.
std::string postgres_user();
/// Creates a directory owned by the server's user.
void make_owned_directory(const std::filesystem::path& directory);

}  // namespace prompted::test
