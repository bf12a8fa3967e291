"""A project whose stages are commands of a shell, so that nothing but DVC takes time."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from tests import samples
from tests.samples import ROOT


def stage(cmd: str, out: str, *deps: str) -> dict[str, Any]:
    return {"cmd": f"{cmd} > {out}", "deps": list(deps), "outs": [out]}


def looped(cmd: str, out: str, *deps: str) -> dict[str, Any]:
    return {"foreach": ["a", "b"], "do": stage(cmd, f"{out}.${{item}}", *deps)}


class Project:
    """A folder with such a pipeline, params and no git."""

    def __init__(self, folder: Path, stages: dict[str, Any]) -> None:
        self.folder = folder
        (folder / ".dvc").mkdir(parents=True)
        config = (ROOT / ".dvc/config").read_text()
        self.write(".dvc/config", config.replace("[core]", "[core]\n    no_scm = true"))
        self.write("params.yaml", json.dumps(samples.content()))  # JSON is YAML
        self.write("own", "data\n")
        self.describe(stages)

    def write(self, file: str, text: str) -> None:
        (self.folder / file).write_text(text)

    def describe(self, stages: dict[str, Any]) -> None:
        self.write("dvc.yaml", yaml.safe_dump({"stages": stages}, sort_keys=False))

    def start(self, *module: str) -> "subprocess.Popen[str]":
        paths = {"PYTHONPATH": str(ROOT), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        return subprocess.Popen(
            [sys.executable, "-m", *module],
            cwd=self.folder,
            env=os.environ | paths,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *module: str) -> tuple[int, str]:
        """Exit status and output."""
        process = self.start(*module)
        said, _ = process.communicate()
        return process.returncode, said

    def repro(self) -> tuple[int, str]:
        return self.run("stages.repro", "--jobs", "2")

    def files(self) -> dict[str, str]:
        """Name -> content of all that is written at the top."""
        return {path.name: path.read_text() for path in self.folder.glob("[!.]*") if path.is_file()}
