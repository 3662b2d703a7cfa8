"""A private PostgreSQL for a measurement: its own directory under /tmp, a unix socket only, removed at the end."""
import contextlib
import os
import pathlib
import shutil
import subprocess
import tempfile


def programs():
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise SystemExit("no PostgreSQL server under /usr/lib/postgresql: install the package postgresql")
    return found[-1].parent


class Cluster:
    """A context manager; database `queue` is there."""

    def __init__(self, options=""):
        """`options`: more of postgres' own, as `-c name=value`."""
        self.options = options
        self.bin = programs()
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="prompted-bench-", dir="/tmp"))
        self.data = self.home / "data"
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            shutil.chown(self.home, "postgres", "postgres")

    def __enter__(self):
        try:
            self._server_program("initdb", "-U", "prompted", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8")
            # Autovacuum is off because each state is vacuumed and analyzed by hand: the readings do not depend on its timing.
            options = (f"-c listen_addresses= -c unix_socket_directories={self.home} -c fsync=off -c shared_buffers=1GB"
                       " -c max_wal_size=4GB -c autovacuum=off " + self.options)
            self._server_program("pg_ctl", "-w", "-s", "-l", str(self.home / "log"), "-o", options, "start")
            self.sql("CREATE DATABASE queue", database="postgres")
        except BaseException:
            self.__exit__()
            raise
        return self

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
        return ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", str(self.home), "-U", "prompted", "-d", database]

    def psql(self, text, database="queue"):
        """All that psql said, notices too."""
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

    @contextlib.contextmanager
    def held_transaction(self, database):
        """An open transaction with an xid of its own, idle."""
        with subprocess.Popen(self._psql(database), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as client:
            client.stdin.write("BEGIN; SELECT txid_current();\n")
            client.stdin.flush()
            if not client.stdout.readline().strip().isdigit():
                raise SystemExit(f"no transaction could be opened in {database}")
            try:
                yield
            finally:
                client.stdin.close()
