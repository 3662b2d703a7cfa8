"""A private PostgreSQL for a measurement: its own directory, removed at the end."""

import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile


def programs():
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise SystemExit("no PostgreSQL server under /usr/lib/postgresql: install the package postgresql")
    return found[-1].parent


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Cluster:
    """A context manager; database `queue` is there. Under /tmp, by a unix socket, in a hurry: without fsync and
    autovacuum, each state is vacuumed and analyzed by hand, so that readings do not depend on its timing."""

    directory = "/tmp"
    port = 5432  # of the socket's name

    def __init__(self, options=""):
        """`options`: more of postgres' own, as `-c name=value`."""
        self.options = options
        self.bin = programs()
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="prompted-bench-", dir=self.directory))
        self.data = self.home / "data"
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            shutil.chown(self.home, "postgres", "postgres")

    def __enter__(self):
        try:
            self._server_program(
                "initdb", "-U", "prompted", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"
            )
            options = f"-c unix_socket_directories={self.home} {self.settings()} {self.options}"
            self._server_program("pg_ctl", "-w", "-s", "-l", str(self.home / "log"), "-o", options, "start")
            self.sql("CREATE DATABASE queue", database="postgres")
        except BaseException:
            self.__exit__()
            raise
        return self

    def settings(self):
        return "-c listen_addresses= -c fsync=off -c shared_buffers=1GB -c max_wal_size=4GB -c autovacuum=off"

    def __exit__(self, *_):
        if (self.data / "postmaster.pid").exists():
            self._server_program("pg_ctl", "-w", "-s", "-m", "immediate", "stop")
        shutil.rmtree(self.home)

    def _server_program(self, name, *arguments):
        command = [str(self.bin / name), "-D", str(self.data), *arguments]
        if os.geteuid() == 0:
            command = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups", "--", *command]
        # Not a pipe: the server would inherit it and keep it open.
        done = subprocess.run(command, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)
        if done.returncode != 0:
            raise SystemExit(f"{name} failed ({done.returncode})")

    def _psql(self, database):
        return [
            "psql",
            "-X",
            "-q",
            "-A",
            "-t",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            str(self.home),
            "-U",
            "prompted",
            "-d",
            database,
        ]

    def psql(self, text, database="queue"):
        """All output of psql, including notices."""
        done = subprocess.run(self._psql(database), input=text, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"psql failed: {done.stderr}\n{text[:2000]}")
        return done.stdout + done.stderr

    def sql(self, text, database="queue"):
        """The rows, by line."""
        done = subprocess.run(self._psql(database), input=text, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"psql failed: {done.stderr}\n{text[:2000]}")
        return done.stdout.strip()

    def held_transaction(self, database):
        """An open transaction with an xid of its own, idle."""
        return self._held(database, "BEGIN; SELECT txid_current();\n")

    def held_snapshot(self, database):
        """The same without an xid: vacuum is held up in this database alone."""
        return self._held(database, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1;\n")

    @contextlib.contextmanager
    def _held(self, database, begin):
        with subprocess.Popen(self._psql(database), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as client:
            client.stdin.write(begin)
            client.stdin.flush()
            if not client.stdout.readline().strip().isdigit():
                raise SystemExit(f"no transaction could be opened in {database}")
            try:
                yield
            finally:
                client.stdin.close()


class DurableCluster(Cluster):
    """As `make up` runs it (deploy/host/postgres.sh): PostgreSQL's own defaults, so fsync, synchronous_commit and
    autovacuum are on, and loopback TCP. Under /var/tmp, which is a disk where /tmp may be memory."""

    directory = "/var/tmp"

    def __enter__(self):
        self.port = free_port()
        return super().__enter__()

    def settings(self):
        return f"-c listen_addresses=127.0.0.1 -c port={self.port} -c max_connections=200"

    def _psql(self, database):
        return super()._psql(database) + ["-p", str(self.port)]

    def url(self, database):
        return f"postgres://prompted@127.0.0.1:{self.port}/{database}?sslmode=disable"

    def postmaster(self):
        return int((self.data / "postmaster.pid").read_text(encoding="ascii").split()[0])

    def make_database(self, name, until=None):
        """With the project's schema; `until`: the migrations before the one of that name."""
        self.sql(f"CREATE DATABASE {name}", database="postgres")
        self.migrate(name, lambda migration: until is None or migration < until)

    def migrate(self, name, wanted):
        for migration in sorted((pathlib.Path(__file__).resolve().parents[2] / "migrations").glob("*.up.sql")):
            if wanted(migration.name):
                self.sql(migration.read_text(encoding="utf-8"), database=name)
