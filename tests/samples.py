"""Small data for tests: specs, splits and settings with nothing special about them."""

import copy
import inspect
from collections.abc import Callable, Mapping
from functools import cache
from math import pi
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from stages.core import files, paths, splits
from stages.core.checking import check
from stages.core.fitting import Fit
from stages.core.params import Params
from stages.core.spec import PAD, UNKNOWN, Images, Series, Spec, Texts
from stages.core.splits import Split
from stages.judging.subject import Function, Subject
from tests import blocks

ROOT = Path(__file__).parents[1]
SHAPES = [(1, 8, 8), (1, 28, 28), (3, 32, 32), (1, 5, 9)]
_DIGESTS = {"train": "0", "val": "1", "test": "2"}
_OWN_WORDS = 5  # of each class
_LEVEL = 3.0


def spec(shape: tuple[int, ...] = (1, 8, 8), classes: int = 4, *, each: int = 16) -> Images:
    """A spec of images of `classes` classes with `each` examples of every class in every split."""
    return Images(
        dataset="sample",
        source="digits",
        shape=shape,
        classes=_names(classes),
        counts=dict.fromkeys(_DIGESTS, (each,) * classes),
        mean=(0.5,) * shape[0],
        std=(0.25,) * shape[0],
        sha256=_DIGESTS,
    )


def texts_spec(time: int = 12, classes: int = 4, *, each: int = 16) -> Texts:
    """A spec of texts of up to `time` words, with `each` texts of every class in every split."""
    return Texts(
        dataset="sample",
        source="texts",
        shape=(time,),
        classes=_names(classes),
        counts=dict.fromkeys(_DIGESTS, (each,) * classes),
        vocabulary=("<pad>", "<unk>", *(f"word{n}" for n in range(classes * _OWN_WORDS))),
        lower=True,
        punctuation=False,
        words=r"\w+",
        cut=dict.fromkeys(_DIGESTS, 0.0),
        unknown=dict.fromkeys(_DIGESTS, 0.0),
        repeated=dict.fromkeys(_DIGESTS, 0.0),
        empty=0,
        sha256=_DIGESTS,
    )


def series_spec(
    window: int = 16, horizon: int = 4, *, columns: int = 3, targets: int = 2, steps: int = 120
) -> Series:
    """A spec of a series with a season of eight steps and `steps` steps in every split."""
    return Series(
        dataset="sample",
        source="series",
        shape=(window, columns),
        columns=tuple(f"column {c}" for c in range(columns)),
        targets=targets,
        horizon=horizon,
        period=8,
        steps=dict.fromkeys(_DIGESTS, steps),
        mean=tuple(_LEVEL + c for c in range(columns)),
        std=(0.75,) * columns,
        sha256=_DIGESTS,
    )


KINDS: dict[type[Spec], Callable[[], Spec]] = {Images: spec, Texts: texts_spec, Series: series_spec}


def fitting(build: Callable[..., Any]) -> list[Spec]:
    """A spec of each kind of data that the first argument of `build` is annotated with."""
    first = next(iter(inspect.signature(build, eval_str=True).parameters.values()))
    return [make() for kind, make in KINDS.items() if issubclass(kind, first.annotation)]


def tensors(facts: Spec, *, seed: int = 0) -> dict[str, Tensor]:
    """A split of the size of train, as it goes to disk: something to learn, under noise that `seed` draws."""
    generator = torch.Generator().manual_seed(seed)
    match facts:
        case Images():
            return _images(facts, generator)
        case Texts():
            return _texts(facts, generator)
        case Series():
            return _waves(facts, generator)


def split(facts: Spec, *, seed: int = 0) -> Split:
    """The same, in memory."""
    found = tensors(facts, seed=seed)
    return splits.windows(found["x"], facts) if isinstance(facts, Series) else Split(**found)


def write(facts: Spec) -> None:
    """Put three such splits and the facts where `preprocess` has them."""
    for seed, name in enumerate(paths.SPLITS):
        files.write_tensors(paths.split(facts.dataset, name), tensors(facts, seed=seed))
    files.write_json(paths.spec(facts.dataset), facts.model_dump(mode="json"))


def _images(facts: Images, generator: torch.Generator) -> dict[str, Tensor]:
    """Images whose class is which part of them is bright."""
    classes = len(facts.classes)
    y = torch.arange(facts.size("train")) % classes
    x = torch.randint(0, 100, (len(y), *facts.shape), generator=generator)
    for k, band in enumerate(x.flatten(1).tensor_split(classes, dim=1)):
        band[y == k] += 120
    return {"x": x.to(torch.uint8), "y": y}


def _texts(facts: Texts, generator: torch.Generator) -> dict[str, Tensor]:
    """Texts of any length whose first word, and half of the others, are words of their class."""
    classes, shape = len(facts.classes), (facts.size("train"), *facts.shape)
    y = torch.arange(shape[0]) % classes
    own = UNKNOWN + 1 + y[:, None] + classes * torch.randint(0, _OWN_WORDS, shape, generator=generator)
    other = torch.randint(UNKNOWN, len(facts.vocabulary), shape, generator=generator)
    is_own = torch.rand(shape, generator=generator) < 0.5
    is_own[:, 0] = True
    lengths = torch.randint(1, shape[1] + 1, shape[:1], generator=generator)
    beyond = torch.arange(shape[1]) >= lengths[:, None]
    x = torch.where(is_own, own, other).masked_fill(beyond, PAD)
    return {"x": x.int(), "y": y, "lengths": lengths}


def _waves(facts: Series, generator: torch.Generator) -> dict[str, Tensor]:
    """Steps (N, C): a sine for each column, a quarter of a season after the one before it."""
    steps, columns = torch.arange(facts.steps["train"])[:, None], torch.arange(len(facts.columns))
    waves = _LEVEL + columns + (2 * pi * (steps / facts.period - columns / 4)).sin()
    return {"x": waves + 0.05 * torch.randn(waves.shape, generator=generator)}


def _names(classes: int) -> tuple[str, ...]:
    return tuple(f"class {k}" for k in range(classes))


def subject(facts: Spec, functions: Mapping[str, Function], *, referee: str = "scratch") -> Subject:
    """What is judged on `facts`, asked in small batches."""
    return Subject(
        run="run",
        at="models.run",
        spec=facts,
        seed=0,
        threads=1,
        referee=referee,
        device=torch.device("cpu"),
        batch_size=7,
        functions=functions,
    )


def content() -> dict[str, Any]:
    """Params with blocks of every kind, as plain dicts to change at will."""
    return copy.deepcopy(blocks.CONTENT)


@cache
def params() -> Params:
    """The same, checked."""
    return check(Params, content())


def settings(**own: object) -> Fit:
    """The fit block that these share, with some of it changed."""
    shared = blocks.SHARED["fit"]
    augment = shared["augment"] | dict(own.pop("augment", {}))  # type: ignore[call-overload]
    return Fit.model_validate(shared | own | {"augment": augment})
