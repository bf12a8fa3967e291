"""The end of a process: what is done at it, and what is not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.samples import ROOT

# A stage that leaves a thread behind, a request and an object that Python takes apart last.
STAGE = """
import atexit, os, sys, threading, time
from pathlib import Path
from stages.core import command
from stages.core.errors import UserError
class Left:
    def __del__(self, write=os.write): write(1, b"taken apart\\n")
sys.left = Left()
def main():
    {main}
    return command.Done("done", Path("here"))
atexit.register(print, "at exit")
threading.Thread(target=lambda: time.sleep(0.3) or print("by a thread")).start()
sys.argv = ["late"]
command.run(main)
sys.stdout.write("after it\\n")
"""


def run(folder: Path, main: str, *before: str) -> subprocess.CompletedProcess[str]:
    (folder / "late.py").write_text(STAGE.format(main=main))
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, *before, "late.py"]
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True)


def test_a_stage_that_is_done_ends_without_being_taken_apart(tmp_path: Path) -> None:
    done = run(tmp_path, "pass")
    assert done.stdout.splitlines() == ["late: done -> here", "after it", "by a thread", "at exit"]
    assert done.returncode == 0


def test_a_stage_that_fails_says_so_by_its_status(tmp_path: Path) -> None:
    done = run(tmp_path, "raise UserError('no')")
    assert (done.returncode, done.stderr) == (1, "error: no\n")
    assert done.stdout.splitlines() == ["by a thread", "at exit", "taken apart"]


def test_a_profiler_tells_of_a_stage_that_is_done(tmp_path: Path) -> None:
    assert "function calls" in run(tmp_path, "pass", "-m", "cProfile").stdout


@pytest.mark.parametrize("closed", [">&-", "2>&-"])
def test_a_stage_is_done_where_nobody_listens(tmp_path: Path, closed: str) -> None:
    run(tmp_path, "pass")
    script = f"{sys.executable} late.py {closed}"
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    assert subprocess.run(["bash", "-c", script], cwd=tmp_path, env=environ).returncode == 0
