#include "support/postgres_template.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "support/daemon.hpp"
#include "support/process.hpp"
#include "support/wait.hpp"

namespace prompted::test {
namespace fs = std::filesystem;
namespace {

void run(const std::vector<std::string>& argv, const std::string& user = {}) {
  const Output output;
  Launch start;
  start.argv = argv;
  start.inherit_environment = true;
  start.environment["LC_ALL"] = "C.UTF-8";
  start.directory = "/";
  start.output = output.descriptor();
  start.user = user;
  if (const int code = wait_for(launch(start)); code != 0) {
    throw std::runtime_error(argv[0] + " ended with " + std::to_string(code) + ":\n" + output.text());
  }
}

/// Holds a file lock for its lifetime.
class FileLock {
 public:
  explicit FileLock(const fs::path& path) : fd_(::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600)) {
    if (fd_ < 0 || ::flock(fd_, LOCK_EX) != 0) throw std::runtime_error("cannot lock " + path.string());
  }
  ~FileLock() { ::close(fd_); }

 private:
  int fd_;
};

std::vector<fs::path> migrations() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(source_path("migrations"))) {
    if (entry.path().string().ends_with(".up.sql")) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string file_text(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string key() {
  std::string all = postgres_program("postgres") + "/1/";  // raise the number when build_template() changes
  for (const auto& file : migrations()) all += file.filename().string() + file_text(file);
  std::ostringstream hex;
  hex << std::hex << std::hash<std::string>{}(all);
  return hex.str();
}

/// Applies all migrations with one psql, a transaction each, over the unix socket in `sockets`.
void migrate(const fs::path& sockets) {
  std::vector<std::string> psql{"psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", sockets, "-U", "prompted"};
  auto with = [&](const std::string& database, const std::vector<std::string>& rest) {
    auto argv = psql;
    argv.insert(argv.end(), {"-d", database});
    argv.insert(argv.end(), rest.begin(), rest.end());
    run(argv);
  };
  with("postgres", {"-c", "CREATE DATABASE migrated"});
  for (const auto& file : migrations()) with("migrated", {"-1", "-f", file});
  with("postgres", {"-c", "ALTER DATABASE migrated IS_TEMPLATE true ALLOW_CONNECTIONS false"});
}

void build_template(const fs::path& final_directory) {
  const fs::path work = clusters_root() / ("b-" + std::to_string(::getpid()));
  fs::remove_all(work);
  make_owned_directory(work);
  const fs::path data = work / "data";
  run({postgres_program("initdb"), "-D", data, "-U", "prompted", "--auth=trust", "--no-sync", "--encoding=UTF8",
       "--locale=C.UTF-8", "--wal-segsize=1"},
      postgres_user());
  const std::string options = "-c listen_addresses= -c fsync=off -c unix_socket_directories=" + work.string();
  run({postgres_program("pg_ctl"), "-D", data, "-w", "-s", "-l", work / "log", "-o", options, "start"},
      postgres_user());
  try {
    migrate(work);
  } catch (...) {
    run({postgres_program("pg_ctl"), "-D", data, "-w", "-s", "-m", "immediate", "stop"}, postgres_user());
    throw;
  }
  run({postgres_program("pg_ctl"), "-D", data, "-w", "-s", "-m", "fast", "stop"}, postgres_user());
  fs::rename(data, final_directory);
  fs::remove_all(work);
}

}  // namespace

fs::path clusters_root() {
  const fs::path root = "/tmp/prompted-tests-" + std::to_string(::getuid());
  std::error_code exists;
  fs::create_directory(root, exists);
  fs::permissions(root, fs::perms(0755));  // fails, as intended, when another user owns it
  return root;
}

fs::path template_directory() {
  static const std::string hash = key();
  const fs::path root = clusters_root();
  const FileLock lock(root / "template.lock");
  const fs::path directory = root / ("template-" + hash);
  if (!fs::exists(directory)) build_template(directory);
  return directory;
}

void copy_template(const fs::path& directory) { run({"cp", "-a", "--reflink=auto", template_directory(), directory}); }

void remove_stale_clusters() {
  const FileLock lock(clusters_root() / "template.lock");
  for (const auto& entry : fs::directory_iterator(clusters_root())) {
    const std::string name = entry.path().filename();
    if ((!name.starts_with("c-") && !name.starts_with("b-")) || alive(std::stoi(name.substr(2)))) continue;
    std::ifstream file(entry.path() / "data" / "postmaster.pid");
    pid_t postmaster = 0;
    std::error_code gone;
    // A postmaster's working directory is its data directory: this spares an unrelated process with a recycled id.
    if (file >> postmaster &&
        fs::read_symlink("/proc/" + std::to_string(postmaster) + "/cwd", gone) == entry.path() / "data") {
      ::kill(postmaster, SIGCONT);
      ::kill(postmaster, SIGQUIT);
      eventually([&] { return !alive(postmaster); });
    }
    fs::remove_all(entry.path(), gone);
  }
}

std::string postgres_program(const std::string& name) {
  static const fs::path bin = [] {
    fs::path highest;
    int version = 0;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", none)) {
      const int found = std::atoi(entry.path().filename().c_str());
      if (found > version && fs::exists(entry.path() / "bin/postgres")) {
        version = found;
        highest = entry.path() / "bin";
      }
    }
    if (highest.empty())
      throw std::runtime_error("no PostgreSQL server under /usr/lib/postgresql: install the package postgresql");
    return highest;
  }();
  return bin / name;
}

std::string postgres_user() { return ::geteuid() == 0 ? "postgres" : ""; }

void make_owned_directory(const fs::path& directory) {
  fs::create_directory(directory);
  if (postgres_user().empty()) return;
  const passwd* user = ::getpwnam("postgres");
  if (!user || ::chown(directory.c_str(), user->pw_uid, user->pw_gid) != 0) {
    throw std::runtime_error("PostgreSQL does not run as root, and there is no user postgres to run it as");
  }
}

}  // namespace prompted::test
