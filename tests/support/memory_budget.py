"""Reads the memory budget that a daemon logs at startup with given settings. Standard library only."""

import json
import os
import pathlib
import subprocess
import tempfile

SAMPLE = pathlib.Path(__file__).resolve().parents[2] / "samples/telemetry.csv"


def memory_budget(program, settings):
    """Bytes. It is ended as soon as it has said so; whether its database answers does not matter."""
    with tempfile.NamedTemporaryFile(suffix=".csv") as csv:
        csv.write(SAMPLE.read_bytes())
        csv.flush()
        fixed = {"PORT": "0", "LISTEN_ADDRESS": "127.0.0.1", "STREAMER_CSV_PATH": csv.name}
        with subprocess.Popen(
            [str(program)],
            env={"PATH": os.environ["PATH"], **settings, **fixed},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        ) as daemon:
            said = []
            try:
                for line in daemon.stdout:
                    said.append(line)
                    if '"memory budget' in line:
                        return json.loads(line)["total"]
            finally:
                daemon.kill()
    raise AssertionError(f"{program} said nothing of its memory: {''.join(said)[-500:]}")


def size(text):
    """512m, 256Mi, 1g, 24MiB: bytes."""
    number = int("".join(character for character in str(text) if character.isdigit()))
    unit = str(text).lstrip("0123456789")[:1].lower()
    return number * {"": 1, "k": 2**10, "m": 2**20, "g": 2**30}[unit]
