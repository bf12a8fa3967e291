"""Seconds that blocks of params.yaml add to a cold run of the pipeline, with all that only they need.

    python -m benchmarks.cold 'text_*' 'series_*'

The last commit is cloned to a new folder, its cache empty. What the named runs and baselines start from or
are judged by, with its data, is made first and not counted. Then `python -m stages.repro` makes the rest, on
every core, their data and the table included.
"""

import argparse
import os
import tempfile
from collections.abc import Mapping, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import yaml

from benchmarks.workspace import BIN, ROOT, measure

ENVIRONMENT = os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}"}
BLOCKS = ("models", "baselines")


def beneath(params: Mapping[str, Any], names: set[str]) -> set[str]:
    """The runs, however far down, that those of these names start from or are judged by."""
    blocks = params["models"] | params["baselines"]
    direct = {blocks[name].get(key) for name in names for key in ("start", "referee")} & params[
        "models"
    ].keys()
    return direct | beneath(params, direct) if direct else set()


def alone(params: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    """The params with no other runs and baselines, and no other data than theirs."""
    kept = {kind: {n: block for n, block in params[kind].items() if n in names} for kind in BLOCKS}
    wanted = {block["dataset"] for blocks in kept.values() for block in blocks.values()}
    datasets = {name: block for name, block in params["datasets"].items() if name in wanted}
    return {**params, **kept, "datasets": datasets}


def seconds(clone: Path, params: Mapping[str, Any]) -> float:
    """Seconds of all that is out of date with these params."""
    (clone / "params.yaml").write_text(yaml.safe_dump(dict(params), sort_keys=False))
    command = (BIN / "python", "-m", "stages.repro")
    return measure(*command, folder=clone, environment=ENVIRONMENT).seconds


def chosen(params: Mapping[str, Any], patterns: Sequence[str]) -> set[str]:
    """The names of runs and baselines that match one of the patterns."""
    names = [name for kind in BLOCKS for name in params[kind]]
    return {name for name in names if any(fnmatch(name, pattern) for pattern in patterns)}


def main() -> None:
    """Measure the last commit."""
    parser = argparse.ArgumentParser()
    parser.add_argument("blocks", nargs="+", help="names of runs and baselines, or patterns of them")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        clone = Path(folder) / "clone"
        measure("git", "clone", "--quiet", ROOT, clone, folder=Path(folder), environment=ENVIRONMENT)
        params = yaml.safe_load((clone / "params.yaml").read_text())
        names = chosen(params, options.blocks)
        if below := beneath(params, names) - names:
            first = seconds(clone, alone(params, below))
            print(f"not counted: {' '.join(sorted(below))}: {first:.0f} s", flush=True)
        print(f"{' '.join(sorted(names))}: {seconds(clone, alone(params, names | below)):.0f} s")


if __name__ == "__main__":
    main()
