"""A small project in the current folder: params, data, a network and what other stages wrote of it."""

import json
import shutil
from pathlib import Path
from typing import Any

import torch

from stages.core import files, paths
from stages.core.spec import Images
from stages.modelling import machine, weights
from stages.modelling.weights import Card
from tests import samples
from tests.blocks import dataset

CLASSES = ("circle", "square", "triangle")
SIZES = {"train": 60, "val": 15, "test": 30}


def configure(**blocks: Any) -> None:
    """Write params.yaml: those of samples with one network and both baselines on `shapes`, and `blocks`."""
    content = samples.content()
    content["datasets"] = {"shapes": dataset("digits")}
    content["models"] = {"perceptron": content["models"]["perceptron"] | {"dataset": "shapes"}}
    content["baselines"] = {
        name: content["baselines"][name] | {"dataset": "shapes"}
        for name in ("logistic_regression", "nearest_neighbours")
    }
    files.write_json(Path("params.yaml"), content | blocks)  # JSON is YAML


def preprocess() -> Images:
    """Write the splits and facts of `shapes`: 4x4 grey images, each class bright in rows of its own."""
    generator = torch.Generator().manual_seed(0)
    digests = {}
    for split, size in SIZES.items():
        y = torch.arange(size) % len(CLASSES)
        x = torch.randint(0, 120, (size, 1, 4, 4), generator=generator)
        x[torch.arange(size), 0, y] += 100
        digests[split] = files.write_tensors(paths.split("shapes", split), {"x": x.to(torch.uint8), "y": y})
    facts = Images(
        dataset="shapes",
        source="digits",
        shape=(1, 4, 4),
        classes=CLASSES,
        counts={split: (size // 3,) * 3 for split, size in SIZES.items()},
        mean=(0.3,),
        std=(0.2,),
        sha256=digests,
    )
    files.write_json(paths.spec("shapes"), facts.model_dump())
    return facts


def scratch() -> None:
    """Put the empty start in its place."""
    shutil.copytree(samples.ROOT / "models/scratch", "models/scratch")


def train(facts: Images) -> torch.nn.Module:
    """Write the weights of `perceptron`, drawn at random, and a learning curve."""
    machine.seed(0)
    card = Card(
        run="perceptron",
        architecture="perceptron",
        hyper={"init": "xavier"},
        spec=facts,
        seed=7,
        threads=2,
        device="cpu",
    )
    model = weights.build(card).eval()
    weights.save(model, card)
    files.write_tensors(paths.snapshots("perceptron"), {})
    rows = [(1, "train", "loss", 0.5, 1), (1, "val", "loss", 0.25, 1)]
    files.write_csv(paths.curves("perceptron"), ("epoch", "split", "measure", "value", "kept"), rows)
    return model


def export() -> None:
    """Write what an export says of `perceptron`."""
    measured = {"size_bytes": 2048, "max_abs_difference": 1e-6, "argmax_agreement": 1.0, "n": SIZES["test"]}
    files.write_json(paths.export("perceptron"), measured)


def metrics(run: str) -> dict[str, Any]:
    """The metrics that a run wrote."""
    content: dict[str, Any] = json.loads(paths.metrics(run).read_text(encoding="utf-8"))
    return content


def declared(run: str) -> dict[str, bytes]:
    """Path -> content of all that a verdict declares to DVC."""
    found = [paths.predictions(run), paths.metrics(run), paths.charts(run), *paths.figures(run).iterdir()]
    return {path.as_posix(): path.read_bytes() for path in sorted(found)}
