"""The figures in README.md and docs/ are those of the committed reports, or say how they were measured."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import chdir
from functools import cache
from pathlib import Path

import pytest
import yaml

from stages.comparing import comparison, groups
from stages.comparing.page import write
from stages.core import params, paths
from stages.judging import verdict
from tests.pages import README, Page, blocks
from tests.samples import ROOT

# What the report says of two runs, as `stages.comparing.gains` words it.
VERDICT = re.compile(
    r"\*\*(?P<what>[^*]+) "
    r"(?P<pays>pays|does not pay|is better|makes no \w+ difference|scores better|scores worse) here.*\*\*: "
    r"on test (?:the chosen network )?`(?P<run>\w+)` \((?P<ours>[^\s,)]+)(?:, trivial)?\) "
    r"is (?P<lead>.+) in (?P<score>.+) (?:than|to) "
    r"(?:the chosen baseline )?`\w+` \((?P<theirs>[^\s,)]+)(?:, trivial)?\)"
    r"(?:.* interval of the difference, (?P<interval>.+), (?:holds|leaves out) 0)?"
)
PARAMS = params.load(ROOT / "params.yaml")
SHORT = {
    "makes no clear difference": "unclear",
    "makes no visible difference": "level, unsure",
    "is better": "ahead, but trivial",
    "scores better": "ahead, unsure",
    "scores worse": "behind, unsure",
}


@cache
def report() -> str:
    """What `compare` writes of the reports that are in git; a block may be new, and have none yet."""
    with chdir(ROOT):
        judged = {
            kind: {
                name: block for name, block in getattr(PARAMS, kind).items() if paths.metrics(name).exists()
            }
            for kind in ("models", "baselines")
        }
        return write(groups.find(comparison.entries(PARAMS.model_copy(update=judged))))


def need(known: Collection[str], *names: str) -> None:
    """Skip what speaks of blocks that were deleted from params.yaml."""
    if gone := [name for name in names if name not in known]:
        pytest.skip(f"the pages speak of {', '.join(gone)}, which the project has no more")


def is_wrong(name: str, state: str) -> bool:
    """Whether `dvc status` says more of a file in a clone than that data and models are not in git."""
    return state != "not in cache" and not (state == "deleted" and name.startswith(("data/", "models/")))


@pytest.mark.slow
def test_the_committed_results_are_of_the_committed_code_and_params(tmp_path: Path) -> None:
    """Else whoever clones it trains all of it again: commit dvc.lock and reports as `make` leaves them."""
    if not (ROOT / ".git").exists():
        pytest.skip("the project is in no repository of git here")
    subprocess.run(["git", "clone", "-q", ROOT, tmp_path / "clone"], check=True)
    asked = [sys.executable, "-m", "dvc", "status", "--json"]
    done = subprocess.run(asked, cwd=tmp_path / "clone", check=True, capture_output=True, text=True)
    told = []
    for stage, changes in json.loads(done.stdout).items():
        for change in changes:
            (states,) = change.values() if isinstance(change, dict) else [{"command": change}]
            told += [f"{stage}: {name} {state}" for name, state in states.items() if is_wrong(name, state)]
    assert not told


def test_the_line_that_a_stage_ends_in_is_that_of_the_committed_results() -> None:
    (line,) = (text.strip() for text in blocks("text") if "->" in text)
    run, file = re.fullmatch(r"evaluate@(\w+): .* -> (.*)", line).groups()  # type: ignore[union-attr]
    need(PARAMS.models, run)
    scores = json.loads((ROOT / file).read_text(encoding="utf-8"))
    said = verdict.headline(scores, task=PARAMS.models[run].task, is_generated=False)
    assert line == f"evaluate@{run}: {said} -> {file}"


def signed(told: str) -> str:
    """A lead, or the ends of its interval, in signs: `1 worse to 3 better` is `-1 to +3`."""
    signs = {"better": "+", "worse": "-"}
    ends = []
    for end in told.split(" to "):
        sign = signs.get(end.split()[-1], signs.get(told.split()[-1], ""))
        number = re.search(r"\d[\d.,]*", end.replace("next to 0", ""))
        ends.append(f"{sign}{number[0]}" if number else "0")
    return " to ".join(sorted(ends, key=lambda end: float(end.replace(",", ""))))


def row(said: re.Match[str], *start: str) -> str:
    """A row of a table: what it begins with, the two scores, the gain, its interval and what that means."""
    interval = signed(said["interval"]) if said["interval"] else ""
    told = (signed(said["lead"]), interval, SHORT.get(said["pays"], said["pays"]))
    return f"| {' | '.join((*start, *told))} |".replace("|  |", "| |")


def gained() -> Iterator[str]:
    """A row for each table of the report: the chosen network beside the chosen baseline."""
    for title, text in re.findall(r"^### (.*)\n([^#]*)", report(), re.MULTILINE):
        for said in VERDICT.finditer(text):
            if said["what"] == "Deep learning":
                yield row(said, title, said["score"], said["theirs"], said["ours"])


def started() -> Iterator[str]:
    """A row for each run that starts from another, beside the same from scratch."""
    for said in VERDICT.finditer(report()):
        if start := re.fullmatch(r"Starting from (`\w+`)", said["what"]):
            yield row(said, f"`{said['run']}`", start[1], said["ours"], said["theirs"])


@pytest.mark.parametrize(
    ("page", "expected"),
    [(README, gained), (Page("docs/transfer_learning.md"), started)],
    ids=["README", "transfer"],
)
def test_the_gains_are_those_of_the_committed_report(
    page: Page, expected: Callable[[], Iterator[str]]
) -> None:
    (table,) = re.findall(r"^\|.*\| 95 % interval \|.*\n\|.*\n((?:\|.*\n)*)", page.text, re.MULTILINE)
    rows = {start(row): row for row in expected()}
    shown = [start(row) for row in table.splitlines()]
    blocks = [re.sub(r"^.* on (\w+).*$", r"\1", name).strip("`") for name in shown]
    need(PARAMS.models.keys() | PARAMS.datasets.keys(), *blocks)
    wanted = [rows[name] for name in shown]
    assert table.splitlines() == wanted, "the table must be:\n" + "\n".join(wanted)


def start(row: str) -> str:
    """What a row is of: its first cell."""
    return row.split(" | ")[0].removeprefix("| ")


def sizes(dataset: str) -> tuple[int, int]:
    """How many examples of two classes the report says that runs learn from, and are judged on."""
    pattern = rf"^### classification on {dataset} .*\n\n([\d,]+) examples to train on.* ([\d,]+) to judge on"
    ((train, test),) = re.findall(pattern, report(), re.MULTILINE)
    return int(train.replace(",", "")), int(test.replace(",", ""))


def test_how_many_examples_are_few_is_said_as_it_is() -> None:
    runs = ("bert_finetuned", "bert_frozen", "bert_scratch", "few_nbsvm")
    need(PARAMS.judged, *runs)
    need(PARAMS.datasets, "reviews", "digits_few")
    (few, test), (whole, _) = sizes("reviews_few"), sizes("reviews")
    each, most = few // 2, whole // 2
    readme, page = (" ".join(one.text.split()) for one in (README, Page("docs/masked_language.md")))
    digits = PARAMS.datasets["digits_few"].encode["per_class"]
    assert f"`digits_few` has {digits} images of each class to learn from" in readme
    assert f"{each:,} sentences of each class to learn from, where `reviews` has {most:,}" in readme
    assert f"leaves {each:,} labelled sentences of each class of the {most:,} that `reviews` has" in page
    assert f"`encode: {{per_class: {each}}}`" in page
    assert f"Accuracy on {test:,} test sentences" in page
    scores = [json.loads((ROOT / paths.metrics(run)).read_text())["accuracy"] for run in runs]
    assert f"| {each} | {' | '.join(f'{score:.2%}' for score in scores)} |" in page


def test_how_much_memory_a_job_is_taken_to_need_is_said_as_it_is() -> None:
    text = (ROOT / "stages/scheduling/size.py").read_text()
    (gibibytes,) = re.findall(r"^_ROOM = (\d+) \* 1024\*\*3$", text, re.MULTILINE)
    assert f"({gibibytes} GiB each)" in Page("docs/running.md").text


def test_every_measurement_is_of_a_run_and_a_script_that_are_there() -> None:
    page = Page("docs/benchmarks.md").text
    known = yaml.safe_load((ROOT / "benchmarks/params.yaml").read_text())
    named = re.findall(r"`((?:mnist|fashion|rt|imdb|ants|ett)_\w+)`", page)
    assert named and set(named) <= known["models"].keys() | known["baselines"].keys()
    scripts = re.findall(r"python -m benchmarks\.(\w+)", page)
    assert scripts and all((ROOT / f"benchmarks/{script}.py").exists() for script in scripts)
