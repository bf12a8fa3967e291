"""Seconds of `dvc repro`: cold, of everything built in, in a fresh clone; then with nothing left to do.

    python -m benchmarks.repro
    python -m benchmarks.repro 'text_*' 'series_*'

Cold: the last commit is cloned to a new folder, its cache empty, and reproduced; where runs and baselines are
named, as if there were no others. A stage's seconds go from the line in which DVC says that it runs it to the
next such line. Then one stage of each kind runs again without DVC: its imports are the sum of what
`python -X importtime` shows, late ones included.

Nothing to do: `dvc repro` there against `dvc repro` of a project with as many stages that each copy a file,
all done before; they alternate, after one round that is not counted.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from statistics import median

import yaml

from benchmarks.cold import alone, beneath, chosen
from benchmarks.workspace import BIN, ROOT, measure

ENVIRONMENT = os.environ | {"PATH": f"{BIN}:{os.environ['PATH']}", "PYTHONUNBUFFERED": "1"}
NO_OP = 1.5  # the ratio that is wanted


def run(*command: str | Path, folder: Path) -> float:
    """Seconds of a command."""
    return measure(*command, folder=folder, environment=ENVIRONMENT).seconds


def cold(folder: Path) -> dict[str, float]:
    """Reproduce everything; seconds of each stage, and of DVC before the first under an empty name."""
    seconds: dict[str, float] = defaultdict(float)
    stage, since = "", time.perf_counter()
    with subprocess.Popen(
        [BIN / "dvc", "repro"],
        cwd=folder,
        env=ENVIRONMENT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as dvc:
        assert dvc.stdout
        said = []
        for line in dvc.stdout:
            said.append(line)
            if found := re.match(r"Running stage '(.+)'", line):
                now = time.perf_counter()
                seconds[stage] += now - since
                stage, since = found[1], now
    seconds[stage] += time.perf_counter() - since
    if dvc.returncode:
        sys.exit(f"dvc repro failed:\n{''.join(said)}")
    return seconds


def leave(clone: Path, patterns: list[str]) -> None:
    """Let the clone have no blocks but these, what they need, and nothing in dvc.lock."""
    params = yaml.safe_load((clone / "params.yaml").read_text())
    if not (names := chosen(params, patterns)):
        sys.exit(f"error: blocks must be runs or baselines, got {' '.join(patterns)}")
    left = yaml.safe_dump(alone(params, names | beneath(params, names)), sort_keys=False)
    (clone / "params.yaml").write_text(left)
    (clone / "dvc.lock").unlink()


def imports(stage: str, folder: Path) -> tuple[float, float]:
    """Seconds of a stage's process, and those of them that imports take."""
    name, _, block = stage.partition("@")
    module = ["-X", "importtime", "-m", f"stages.{name}", *filter(None, [block])]
    ran = measure(BIN / "python", *module, folder=folder, environment=ENVIRONMENT)
    microseconds = re.findall(r"^import time: +(\d+) \|", ran.output, flags=re.MULTILINE)
    return ran.seconds, sum(map(int, microseconds)) / 1e6


def report(seconds: dict[str, float], folder: Path) -> None:
    """Where the time of the cold run went."""
    print(f"cold: {sum(seconds.values()):.1f} s, {len(seconds) - 1} stages")
    print(f"DVC before the first stage: {seconds.pop(''):.1f} s")
    kinds: dict[str, list[str]] = defaultdict(list)
    for stage in seconds:
        kinds[stage.partition("@")[0]].append(stage)
    importing = 0.0
    for kind, stages in kinds.items():
        process, imported = imports(stages[-1], folder)
        importing += imported * len(stages)
        each = "  ".join(f"{stage.partition('@')[2] or stage} {seconds[stage]:.1f}" for stage in stages)
        print(f"{kind}: {sum(seconds[stage] for stage in stages):.1f} s ({each})")
        print(f"    {stages[-1]} without DVC: {process:.1f} s, of it imports {imported:.1f} s")
    for code in ("pass", "import torch"):
        alone = median(run(BIN / "python", "-c", code, folder=folder) for _ in range(3))
        print(f"python -c '{code}': {alone:.2f} s")
    print(f"imports of all stages together: about {importing:.0f} s", flush=True)


def empty(folder: Path, *, stages: int, config: Path) -> None:
    """A project of so many stages that do nothing much, all done."""
    copies = {
        f"stage{n}": {"cmd": f"cp input out{n}", "deps": ["input"], "outs": [f"out{n}"]}
        for n in range(stages)
    }
    folder.mkdir()
    for command in (("git", "init", "--quiet"), (BIN / "dvc", "init", "--quiet")):
        run(*command, folder=folder)
    (folder / ".dvc/config").write_text(config.read_text())
    (folder / "input").write_text("nothing\n")
    (folder / "dvc.yaml").write_text(yaml.safe_dump({"stages": copies}))
    run(BIN / "dvc", "repro", folder=folder)


def no_op(clone: Path, other: Path, rounds: int) -> None:
    """Both projects with nothing to do, alternating."""
    pairs = [
        [run(BIN / "dvc", "repro", folder=folder) for folder in (clone, other)] for _ in range(rounds + 1)
    ]
    ratios = [ours / theirs for ours, theirs in pairs[1:]]
    ours, theirs = (median(side) for side in zip(*pairs[1:], strict=True))
    print(f"nothing to do: {ours:.2f} s, empty project {theirs:.2f} s (medians of {rounds})")
    print(f"ratio {median(ratios):.2f} (wanted <= {NO_OP}); " + " ".join(f"{ratio:.2f}" for ratio in ratios))


def main() -> None:
    """Measure the last commit."""
    parser = argparse.ArgumentParser()
    parser.add_argument("blocks", nargs="*", help="names of runs and baselines, or patterns; all of them")
    parser.add_argument("--repository", default=ROOT, help="another one to clone")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        clone = folder / "clone"
        run("git", "clone", "--quiet", options.repository, clone, folder=folder)
        if options.blocks:
            leave(clone, options.blocks)
        seconds = cold(clone)
        stages = len(seconds) - 1
        report(seconds, clone)
        empty(folder / "empty", stages=stages, config=clone / ".dvc/config")
        no_op(clone, folder / "empty", options.rounds)


if __name__ == "__main__":
    main()
