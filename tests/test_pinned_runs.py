"""Identities and random streams are what they were when the stored rows were computed."""

import json
import subprocess
import sys
from pathlib import Path

FILE = Path(__file__).with_name("pinned_runs.json")


def test_identities_and_streams_are_unchanged():
    script = FILE.with_suffix(".py")
    ran = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True, timeout=600)
    assert json.loads(ran.stdout) == json.loads(FILE.read_text(encoding="utf-8"))
