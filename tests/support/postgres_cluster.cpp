#include "support/postgres_cluster.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <stdexcept>
#include <vector>

#include "support/postgres_template.hpp"
#include "support/process.hpp"
#include "support/wait.hpp"

namespace prompted::test {
namespace fs = std::filesystem;
namespace {

constexpr std::chrono::seconds start_limit{60};

std::uint16_t free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool bound = ::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(fd);
  if (!bound) throw std::runtime_error("no free port on loopback");
  return ntohs(address.sin_port);
}

/// The postmaster and its children, stopped so that none can start another.
std::vector<pid_t> stopped_family(pid_t postmaster) {
  ::kill(postmaster, SIGSTOP);
  std::vector<pid_t> family = children_of(postmaster);
  family.push_back(postmaster);
  return family;
}

fs::path new_home() {
  static int count = 0;
  remove_stale_clusters();
  const fs::path home = clusters_root() / ("c-" + std::to_string(::getpid()) + "-" + std::to_string(++count));
  make_owned_directory(home);
  return home;
}

/// Runs as the server's user, which then owns the files written.
void run_as_server(const std::vector<std::string>& argv) {
  const Output output;
  Launch start;
  start.argv = argv;
  start.inherit_environment = true;
  start.environment["LC_ALL"] = "C.UTF-8";
  start.directory = "/";
  start.output = output.descriptor();
  start.user = postgres_user();
  if (const int code = wait_for(launch(start)); code != 0)
    throw std::runtime_error(argv[0] + " ended with " + std::to_string(code) + ":\n" + output.text());
}

void append(const fs::path& conf, const std::string& line) { std::ofstream(conf, std::ios::app) << line << "\n"; }

}  // namespace

struct PostgresCluster::Impl {
  fs::path home;  ///< data/ and the unix socket
  Output output;
  std::uint16_t port = 0;
  pid_t postmaster = -1;
  int databases = 0;

  fs::path data() const { return home / "data"; }
  /// Throws when the server is stopped: signalling process -1 would reach every process.
  pid_t running() const {
    if (postmaster <= 0) throw std::runtime_error("this PostgreSQL is not running");
    return postmaster;
  }
  bool start_once();
  void start_at_a_free_port();
  void signal_and_wait(int signal);
  std::string create(const PostgresCluster& cluster, const std::string& clause);
};

PostgresCluster& PostgresCluster::shared() {
  static PostgresCluster cluster;
  return cluster;
}

PostgresCluster::PostgresCluster() : PostgresCluster(Options()) {}

PostgresCluster::PostgresCluster(const Options& options) : impl_(std::make_unique<Impl>()) {
  impl_->home = new_home();
  copy_template(impl_->data());
  std::ofstream conf(impl_->data() / "postgresql.conf", std::ios::app);
  conf << "listen_addresses = '127.0.0.1'\nmax_connections = 200\nunix_socket_directories = '" << impl_->home.string()
       << "'\n"
       << "fsync = " << (options.fsync ? "on" : "off") << "\nfull_page_writes = " << (options.fsync ? "on" : "off")
       << "\n"
       << "shared_buffers = 64MB\nmax_wal_size = 1GB\n"
       << options.extra_conf << "\n";
  conf.close();
  impl_->start_at_a_free_port();
}

PostgresCluster::PostgresCluster(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

void PostgresCluster::Impl::start_at_a_free_port() {
  port = free_port();
  for (int tries = 0; !start_once(); port = free_port()) {
    if (++tries == 5) throw std::runtime_error("PostgreSQL does not start:\n" + output.text());
  }
}

PostgresCluster::~PostgresCluster() {
  if (!impl_) return;
  if (impl_->postmaster > 0) {
    thaw();
    impl_->signal_and_wait(SIGQUIT);
  }
  std::error_code ignored;  // a later test's remove_stale_clusters() retries
  fs::remove_all(impl_->home, ignored);
}

/// Returns false when the server exited before it was ready (another process took its port).
bool PostgresCluster::Impl::start_once() {
  Launch start;
  start.argv = {postgres_program("postgres"), "-D", data(), "-p", std::to_string(port)};
  start.inherit_environment = true;
  start.environment["LC_ALL"] = "C.UTF-8";
  start.directory = "/";
  start.output = output.descriptor();
  start.user = postgres_user();
  start.parent_death_signal = SIGQUIT;  // an immediate shutdown
  fs::remove(data() / "postmaster.pid");
  postmaster = launch(start);
  bool ended = false;
  const bool settled = eventually(
      [&] {
        if (wait_for(postmaster, std::chrono::milliseconds{0})) return ended = true;
        std::ifstream file(data() / "postmaster.pid");
        std::string line;
        for (int i = 0; i < 8 && std::getline(file, line); ++i) {
        }
        return file.good() && line.starts_with("ready");  // its eighth line is its status: miscadmin.h
      },
      start_limit);
  if (!settled) throw std::runtime_error("PostgreSQL is not ready in time:\n" + output.text());
  if (ended) postmaster = -1;
  return !ended;
}

void PostgresCluster::Impl::signal_and_wait(int signal) {
  const auto family = children_of(running());
  ::kill(running(), signal);
  wait_for(postmaster);
  eventually([&] {
    for (const pid_t child : family) {
      if (alive(child)) return false;
    }
    return true;
  });
  postmaster = -1;
}

void PostgresCluster::stop_immediate() { impl_->signal_and_wait(SIGQUIT); }

void PostgresCluster::kill() {
  const auto family = stopped_family(impl_->running());
  for (const pid_t pid : family) ::kill(pid, SIGKILL);
  wait_for(impl_->postmaster);
  eventually([&] {
    for (const pid_t pid : family) {
      if (alive(pid)) return false;
    }
    return true;
  });
  impl_->postmaster = -1;
}

void PostgresCluster::freeze() {
  for (const pid_t pid : stopped_family(impl_->running())) ::kill(pid, SIGSTOP);
}

void PostgresCluster::thaw() {
  for (const pid_t child : children_of(impl_->running())) ::kill(child, SIGCONT);
  ::kill(impl_->running(), SIGCONT);
}

void PostgresCluster::start() {
  for (int tries = 0; !impl_->start_once();) {
    if (++tries == 5) throw std::runtime_error("PostgreSQL does not start again:\n" + impl_->output.text());
  }
}

std::unique_ptr<PostgresCluster> PostgresCluster::make_standby(std::uint16_t through) const {
  std::unique_ptr<PostgresCluster> standby(new PostgresCluster(std::make_unique<Impl>()));
  Impl& impl = *standby->impl_;
  impl.home = new_home();
  const std::string at =
      "host=127.0.0.1 user=prompted sslmode=disable gssencmode=disable application_name=" + std::string(standby_name) +
      " port=";
  run_as_server({postgres_program("pg_basebackup"), "-D", impl.data(), "-R", "-X", "stream", "--checkpoint=fast",
                 "--no-sync", "-d", at + std::to_string(impl_->port)});
  append(impl.data() / "postgresql.conf", "unix_socket_directories = '" + impl.home.string() + "'\nhot_standby = on");
  // Overrides the source that -R wrote: the last line wins.
  append(impl.data() / "postgresql.auto.conf", "primary_conninfo = '" + at + std::to_string(through) + "'");
  impl.start_at_a_free_port();  // the postmaster reports ready once the standby serves reads
  return standby;
}

std::string PostgresCluster::replication() const {
  pqxx::connection connection(url("postgres"));
  pqxx::nontransaction work(connection);
  const auto rows = work.exec("SELECT state || ' ' || sync_state FROM pg_stat_replication WHERE application_name = " +
                              work.quote(std::string(standby_name)));
  return rows.empty() ? "" : rows[0][0].c_str();
}

void PostgresCluster::set_synchronous_standby_names(const std::string& names) {
  const auto session = [this](const std::function<void(pqxx::nontransaction&)>& f) {
    pqxx::connection connection(url("postgres"));
    pqxx::nontransaction work(connection);
    f(work);
  };
  session([&](auto& work) {
    work.exec("ALTER SYSTEM SET synchronous_standby_names = " + work.quote(names));
    work.exec("SELECT pg_reload_conf()");
  });
  const bool read = eventually([&] {
    std::string now;
    session([&](auto& work) { now = work.exec("SHOW synchronous_standby_names")[0][0].c_str(); });
    return now == names;  // seen by a new session: the postmaster has reloaded and signalled its children
  });
  if (!read) throw std::runtime_error("PostgreSQL does not take synchronous_standby_names");
  // Commits read from shared memory whether to wait, and the checkpointer writes that flag. Once it has completed a
  // requested checkpoint, it has also processed the reload.
  session([](auto& work) { work.exec("CHECKPOINT"); });
}

bool PostgresCluster::in_recovery() const {
  pqxx::connection connection(url("postgres"));
  return pqxx::nontransaction(connection).exec("SELECT pg_is_in_recovery()")[0][0].as<bool>();
}

void PostgresCluster::promote() {
  {
    pqxx::connection connection(url("postgres"));
    pqxx::nontransaction(connection).exec("SELECT pg_promote(false)");
  }
  if (!eventually([this] { return !in_recovery(); }, start_limit))
    throw std::runtime_error("the standby does not become a primary:\n" + impl_->output.text());
}

std::string PostgresCluster::Impl::create(const PostgresCluster& cluster, const std::string& clause) {
  const std::string name = "t" + std::to_string(++databases);
  pqxx::connection connection(cluster.url("postgres"));
  pqxx::nontransaction work(connection);
  work.exec("CREATE DATABASE " + name + clause);
  return cluster.url(name);
}

std::string PostgresCluster::migrated_database() { return impl_->create(*this, " TEMPLATE migrated"); }
std::string PostgresCluster::empty_database() { return impl_->create(*this, " TEMPLATE template0"); }

std::string PostgresCluster::url(const std::string& database) const {
  return "postgres://prompted:prompted@127.0.0.1:" + std::to_string(impl_->port) + "/" + database + "?sslmode=disable";
}

std::uint16_t PostgresCluster::port() const { return impl_->port; }

}  // namespace prompted::test
