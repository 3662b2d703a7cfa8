#!/usr/bin/env python3
"""Which packages deploy/host/packages.sh takes on each release, with apt and dpkg played by scripts that know its
names."""

import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
ALWAYS = [
    "g++",
    "cmake",
    "ninja-build",
    "ccache",
    "pkg-config",
    "git",
    "curl",
    "libpq-dev",
    "libpqxx-dev",
    "nlohmann-json3-dev",
    "libspdlog-dev",
    "libfmt-dev",
    "libcli11-dev",
    "libcsv-dev",
    "libsimdjson-dev",
    "prometheus-cpp-dev",
    "zlib1g-dev",
    "postgresql",
    "apache2-utils",
    "npm",
    "libgtest-dev",
    "python3",
]
RELEASES = {
    "Debian 12": (
        ALWAYS + ["libboost1.81-dev", "libboost-url1.81-dev", "libboost-dev"],
        ["libboost1.81-dev", "libboost-url1.81-dev"],
    ),
    "Debian 13": (ALWAYS + ["libboost-dev", "libboost-url-dev"], ["libboost-dev", "libboost-url-dev"]),
    "Ubuntu 24.04": (ALWAYS + ["libboost-dev", "libboost-url1.83-dev"], ["libboost-dev", "libboost-url1.83-dev"]),
}
# A name that is only mentioned by others has a policy without a candidate.
APT_CACHE = """#!/bin/sh
case " $NAMES " in *" $2 "*) c=1.0;; *) c='(none)';; esac
printf '%s:\\n  Installed: (none)\\n  Candidate: %s\\n  Version table:\\n' "$2" "$c"
"""
APT_GET = """#!/bin/sh
[ "$1" = install ] || exit 0
for name in "$@"; do case " $FAILS " in *" $name "*) exit 100;; esac; done
echo "$@" >> "$CALLS"
"""


class Packages(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory()
        self.addCleanup(self.place.cleanup)
        self.bin = Path(self.place.name) / "bin"
        self.bin.mkdir()
        self.calls = Path(self.place.name) / "calls"
        for name, script in {
            "apt-cache": APT_CACHE,
            "apt-get": APT_GET,
            "sudo": '#!/bin/sh\n[ "$1" = -n ] && shift\nexec "$@"\n',
            "dpkg-query": "#!/bin/sh\nexit 1\n",
        }.items():
            (self.bin / name).write_text(script)
            (self.bin / name).chmod(0o755)
        # Nothing but what the script itself needs, so that no npm of this machine is found.
        for name in ["bash", "dirname", "cat", "sed", "mktemp", "rm", "env", "true", "tail"]:
            (self.bin / name).symlink_to(shutil.which(name))

    def run_script(self, names, fails=""):
        done = subprocess.run(
            [
                self.bin / "bash",
                ROOT / "deploy/host/packages.sh",
                ROOT / "deploy/host/packages.txt",
                ROOT / "deploy/host/packages-test.txt",
            ],
            env={"PATH": str(self.bin), "NAMES": " ".join(names), "CALLS": str(self.calls), "FAILS": fails},
            capture_output=True,
            text=True,
            check=False,
        )
        installed = self.calls.read_text().split() if self.calls.exists() else []
        self.calls.unlink(missing_ok=True)
        return done, [name for name in installed if not name.startswith("-") and name != "install"]

    def test_each_release(self):
        for release, (names, boost) in RELEASES.items():
            with self.subTest(release):
                done, installed = self.run_script(names)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                self.assertEqual(sorted(installed), sorted(ALWAYS + boost))

    def test_npm_is_dispensable_and_a_compiler_is_not(self):
        names = RELEASES["Debian 12"][0]
        done, installed = self.run_script(names, fails="npm")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("warning: apt-get cannot install npm", done.stdout)
        self.assertNotIn("npm", installed)
        self.assertIn("apache2-utils", installed)
        self.assertIn("g++", installed)
        done, _ = self.run_script(names, fails="g++")
        self.assertEqual(done.returncode, 1)
        self.assertIn("error: apt-get install failed for: g++", done.stderr)


if __name__ == "__main__":
    unittest.main()
