"""What a daemon objects to in its environment. Standard library only."""

import os
import subprocess


def rejection(program, variables):
    """The daemon's error, or "" if it accepts the variables. --healthcheck reads all settings
    before it queries anything."""
    done = subprocess.run(
        [str(program), "--healthcheck"],
        env={**variables, "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    return "" if done.returncode in (0, 1) else done.stderr.strip() or f"exit code {done.returncode}"
