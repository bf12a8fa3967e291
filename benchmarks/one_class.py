"""One class against all others, ten times: area under the ROC curve of each class and their mean.

    python -m benchmarks.one_class mnist_anomaly
    python -m benchmarks.one_class mnist_anomaly_pca

For each class a run of benchmarks/params.yaml learns from that class alone and judges the whole official test
split; no anomaly takes part in any choice. `--set` tries something else, as in benchmarks/score.py.
"""

import argparse
import json
from statistics import mean

import yaml

from benchmarks.workspace import scratch
from stages.core import paths


def main() -> None:
    """Measure a run."""
    parser = argparse.ArgumentParser()
    parser.add_argument("run")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--set", action="append", default=[], metavar="PATH=VALUE", dest="changes")
    options = parser.parse_args()
    areas: dict[str, list[float]] = {}
    with scratch() as here:
        for path, _, value in (change.partition("=") for change in options.changes):
            here.set(path, yaml.safe_load(value))
        block = (here.params["models"] | here.params["baselines"])[options.run]
        stages = ("baseline",) if "method" in block else ("train", "evaluate")
        here.prepare(block["dataset"])
        facts = json.loads((here.folder / paths.spec(block["dataset"])).read_text())
        for name in facts["classes"]:
            here.set(f"datasets.{block['dataset']}.encode.normal_classes", [name])
            here.stage("preprocess", block["dataset"])
            for seed in range(options.seeds):
                here.set("seed", seed)
                for stage in stages:
                    here.stage(stage, options.run)
                metrics = json.loads((here.folder / paths.metrics(options.run)).read_text())
                areas.setdefault(name, []).append(metrics["auroc"])
            print(f"{name}: {mean(areas[name]):.4f}", flush=True)
    found = mean(map(mean, areas.values()))
    print(f"{options.run}: mean of {len(areas)} classes {found:.4f}, n = {options.seeds} each")


if __name__ == "__main__":
    main()
