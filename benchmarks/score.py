"""Test scores of a run of benchmarks/params.yaml: mean and standard deviation over seeds.

    python -m benchmarks.score mnist_mlp --seeds 5
    python -m benchmarks.score rt_lstm --seeds 10 --resplit

Seeds are 0, 1, ...; the split is the same for all, or with `--resplit` drawn anew from each. Train and
evaluate are processes of their own, the test split seen once, at the end. What stands in params.yaml was
chosen by the score on the validation split, printed beside; `--set models.mnist_mlp.fit.epochs=2` tries
something else. Baselines, which draw nothing, are fitted once unless the split changes.
"""

import argparse
import json
from statistics import mean, stdev
from typing import Any

import yaml

from benchmarks.workspace import Workspace, scratch
from stages.core import choices, paths
from stages.core.params import SCRATCH


def run_once(here: Workspace, run: str, block: dict[str, Any], seed: int) -> dict[str, float]:
    """Train and judge a run, or fit and judge a baseline, with a seed; its metrics."""
    here.set("seed", seed)
    stages = ("baseline",) if "method" in block else ("train", "evaluate")
    seconds = [here.stage(stage, run).seconds for stage in stages]
    metrics: dict[str, float] = json.loads((here.folder / paths.metrics(run)).read_text())
    (name, choice), shown = metrics_of(block), zip(stages, seconds, strict=True)
    timing = "  ".join(f"{stage} {took:.1f} s" for stage, took in shown)
    print(f"seed {seed}: {name} {metrics[name]:.4f}  {choice} {metrics[choice]:.4f}  {timing}", flush=True)
    return metrics


def metrics_of(block: dict[str, Any]) -> tuple[str, str]:
    """The metric that ranks runs of a block's task, and that of validation by which settings are chosen."""
    task = choices.load("tasks", block["task"])
    return task.COLUMNS[0].metric, task.CHOICE.metric


def main() -> None:
    """Measure a run."""
    parser = argparse.ArgumentParser()
    parser.add_argument("run")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--resplit", action="store_true")
    parser.add_argument("--set", action="append", default=[], metavar="PATH=VALUE", dest="changes")
    options = parser.parse_args()
    scores = []
    with scratch() as here:
        for path, _, value in (change.partition("=") for change in options.changes):
            here.set(path, yaml.safe_load(value))
        block = (here.params["models"] | here.params["baselines"])[options.run]
        for seed in range(options.seeds if options.resplit or "method" not in block else 1):
            if options.resplit:
                here.set(f"datasets.{block['dataset']}.split.seed", seed)
            if options.resplit or not seed:
                here.prepare(block["dataset"])
                here.invite(block["referee"])
                here.begin(block.get("start", SCRATCH))
            scores.append(run_once(here, options.run, block, seed))
    for name in metrics_of(block):
        values = [metrics[name] for metrics in scores]
        spread = stdev(values) if len(values) > 1 else 0.0
        print(f"{options.run} {name} {mean(values):.4f} +- {spread:.4f} (n = {len(values)})")


if __name__ == "__main__":
    main()
