"""Small data for tests: specs, splits and settings with nothing special about them."""

from pathlib import Path

import torch

from stages.core import params, splits
from stages.core.params import Fit
from stages.core.spec import Spec
from stages.core.splits import Split

ROOT = Path(__file__).parents[1]
SHAPES = [(1, 8, 8), (1, 28, 28), (3, 32, 32), (1, 5, 9)]


def spec(shape: tuple[int, ...] = (1, 8, 8), classes: int = 4, *, each: int = 16) -> Spec:
    """A spec of `classes` classes with `each` examples of every class in every split."""
    return Spec(
        dataset="sample",
        source="digits",
        shape=shape,
        classes=tuple(f"class {k}" for k in range(classes)),
        counts={split: (each,) * classes for split in ("train", "val", "test")},
        mean=(0.5,) * shape[0],
        std=(0.25,) * shape[0],
        sha256={"train": "0", "val": "1", "test": "2"},
    )


def split(path: Path, facts: Spec, *, seed: int = 0) -> Split:
    """Images whose class is which part of them is bright, under noise; every class equally often."""
    generator = torch.Generator().manual_seed(seed)
    classes = len(facts.classes)
    y = torch.arange(facts.size("train")) % classes
    x = torch.randint(0, 100, (len(y), *facts.shape), generator=generator)
    bands = x.flatten(1).tensor_split(classes, dim=1)
    for k, band in enumerate(bands):
        band[y == k] += 120
    splits.write(path, x=x.to(torch.uint8), y=y)
    return Split(path)


def settings(**own: object) -> Fit:
    """The fit block of the project's params.yaml, with some of it changed."""
    shared = params.load(ROOT / "params.yaml").fit.model_dump()
    augment = shared["augment"] | dict(own.pop("augment", {}))  # type: ignore[call-overload]
    return Fit.model_validate(shared | own | {"augment": augment})
