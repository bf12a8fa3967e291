"""Test accuracy of a run of benchmarks/params.yaml: mean and standard deviation over seeds.

    python -m benchmarks.accuracy mnist_mlp --seeds 5

Seeds are 0, 1, ...; the split is the same for all. Train and evaluate are processes of their own, the test
split seen once, at the end. What stands in params.yaml was chosen by the accuracy on the validation split,
printed beside; `--set models.mnist_mlp.fit.epochs=2` tries something else. Baselines are fitted once.
"""

import argparse
import json
from statistics import mean, stdev

import yaml

from benchmarks.workspace import Workspace, scratch
from stages.core import paths


def score(here: Workspace, run: str, seed: int) -> dict[str, float]:
    """Train and judge a run, or fit and judge a baseline, with a seed; its metrics."""
    here.set("seed", seed)
    stages = ("baseline",) if run in here.params["baselines"] else ("train", "evaluate")
    seconds = [here.stage(stage, run).seconds for stage in stages]
    metrics: dict[str, float] = json.loads((here.folder / paths.metrics(run)).read_text())
    shown = "  ".join(f"{stage} {took:.1f} s" for stage, took in zip(stages, seconds, strict=True))
    print(
        f"seed {seed}: test {metrics['accuracy']:.4f}  val {metrics['val_accuracy']:.4f}  {shown}", flush=True
    )
    return metrics


def main() -> None:
    """Measure a run."""
    parser = argparse.ArgumentParser()
    parser.add_argument("run")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--set", action="append", default=[], metavar="PATH=VALUE", dest="changes")
    options = parser.parse_args()
    with scratch() as here:
        for path, _, value in (change.partition("=") for change in options.changes):
            here.set(path, yaml.safe_load(value))
        blocks = here.params["models"] | here.params["baselines"]
        here.prepare(blocks[options.run]["dataset"])
        seeds = range(1 if options.run in here.params["baselines"] else options.seeds)
        scores = [score(here, options.run, seed) for seed in seeds]
    for name, key in (("test", "accuracy"), ("val", "val_accuracy")):
        values = [metrics[key] for metrics in scores]
        spread = stdev(values) if len(values) > 1 else 0.0
        print(f"{options.run} {name} accuracy {mean(values):.2%} +- {spread:.2%} (n = {len(values)})")


if __name__ == "__main__":
    main()
