"""A scratch project with benchmarks/params.yaml: the stages of this repository run in it as DVC runs them."""

import copy
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

from stages.core.params import SCRATCH

ROOT = Path(__file__).resolve().parents[1]
# In a virtual environment sys.executable is a link: its own folder has the tools, not that of its target.
BIN = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class Ran:
    """What a process printed and took, from its start to its end."""

    output: str
    seconds: float
    peak_mib: float


class Workspace:
    """A folder that stages take for the root of the project."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.params: dict[str, Any] = yaml.safe_load((ROOT / "benchmarks/params.yaml").read_text())
        shutil.copytree(ROOT / "models/scratch", folder / "models/scratch")
        if (mirror := os.environ.get("DATA_MIRROR")) and Path(mirror).is_dir():
            (folder / "mirror").symlink_to(Path(mirror).resolve())  # for what has no address to fetch it from

    def set(self, path: str, value: object) -> None:
        """Change one of the params, named as `dvc exp run -S` names it."""
        *above, key = path.split(".")
        block = self.params
        for name in above:
            block = block.setdefault(name, {})
        block[key] = copy.deepcopy(value)  # as text of its own: YAML would point to the other place

    def prepare(self, dataset: str) -> None:
        """Download and preprocess a data set."""
        seconds = [self.stage(name, dataset).seconds for name in ("download", "preprocess")]
        print("{}: download {:.1f} s, preprocess {:.1f} s".format(dataset, *seconds), flush=True)

    def invite(self, referee: str) -> None:
        """Train and export the classifier in whose features images are compared, if there is one."""
        if referee != SCRATCH:
            self.prepare(self.params["models"][referee]["dataset"])
            for stage in ("train", "export"):
                self.stage(stage, referee)

    def begin(self, start: str) -> None:
        """Fetch or train the weights that a run starts from, if there are any."""
        if start in self.params["pretrained"]:
            self.stage("adopt", start)
        elif start != SCRATCH:
            block = self.params["models"][start]
            self.begin(block["start"])
            self.prepare(block["dataset"])
            self.stage("train", start)

    def stage(self, name: str, block: str) -> Ran:
        """Run a stage with the params as they are now."""
        (self.folder / "params.yaml").write_text(yaml.safe_dump(self.params))
        return self.module(f"stages.{name}", block)

    def module(self, name: str, *arguments: str) -> Ran:
        """Run a module of the repository, on as many threads as the params say."""
        threads = str(self.params["threads"])
        environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": threads}
        return measure(sys.executable, "-m", name, *arguments, folder=self.folder, environment=environment)


@contextmanager
def scratch() -> Iterator[Workspace]:
    """A workspace outside the repository, gone afterwards; first says what machine this is."""
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} processors, torch {version('torch')}, load {load:.1f} at the start", flush=True)
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        yield Workspace(Path(folder))


def measure(*command: str | Path, folder: Path, environment: dict[str, str] | None = None) -> Ran:
    """Run a command to its end and keep what it prints; if it fails, so does the benchmark."""
    with tempfile.TemporaryFile("w+") as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in command], cwd=folder, env=environment, stdout=output, stderr=output
        )
        # The usage of this one child; Linux counts its peak in KiB, and from our own peak up.
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read()
    if process.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{text}")
    return Ran(text, seconds, usage.ru_maxrss / 1024)
