"""Holding examples out: train, val and test, stratified by class."""

import numpy as np

from stages.core.blocks import Holdout
from stages.core.checking import shown
from stages.core.errors import UserError
from stages.sourcing import alike, stratified
from stages.sourcing.examples import Examples, Labelled

# Of a class, for the shares that params.yaml comes with: see docs/photos.md.
_ENOUGH = 7


def split(examples: Examples, holdout: Holdout, *, dataset: str) -> dict[str, Labelled]:
    """The examples as train, val and test, each in the order of the source.

    `holdout.val` and `holdout.test` are shares of what the source gives to train on; a split that it brings
    itself is kept as it is, and nothing is then held out for it.

    Raises:
        UserError: a class has too few examples to stand in every split.
    """
    given, parts = examples.train, examples.parts
    shares = {"test": holdout.test, "val": holdout.val}
    random = np.random.RandomState(holdout.seed)
    rest = np.arange(len(given.y))
    for part, share in shares.items():
        if part not in parts:
            rest, held = stratified.cut(rest, given.y, round(share * len(given.y)), random)
            parts[part] = given.take(held)
    parts["train"] = given.take(rest)
    if any(0 in counts(part, examples.classes) for part in parts.values()):
        raise _too_few(examples, holdout, dataset)
    return {part: parts[part] for part in ("train", "val", "test")}


def few(part: Labelled, classes: tuple[str, ...], *, each: int, seed: int) -> Labelled:
    """So many examples of each class that `part` holds, in its order; all of them with 0.

    The same seed draws fewer among those that it draws when asked for more.

    Raises:
        ValueError: a class has not as many.
    """
    if not each:
        return part
    random, chosen = np.random.RandomState(seed), []
    for label in sorted({*part.y.tolist()}):
        rows = random.permutation(np.flatnonzero(part.y == label))
        if len(rows) < each:
            most = f"the {len(rows):,} train examples of class {classes[label]!r}"
            raise ValueError(f"per_class must be at most {most}, got {each:,}")
        chosen.append(rows[:each])
    return part.take(np.sort(np.concatenate(chosen)))


def counts(part: Labelled, classes: tuple[str, ...]) -> tuple[int, ...]:
    """How many examples each class has."""
    return tuple(np.bincount(part.y, minlength=len(classes)).tolist())


def _too_few(examples: Examples, holdout: Holdout, dataset: str) -> UserError:
    each = counts(examples.train, examples.classes)
    rarest = int(np.argmin(each))
    others = [name for name, count in zip(examples.classes, each, strict=True) if count > each[rarest]]
    if each[rarest] >= _ENOUGH:
        return UserError(
            f"datasets.{dataset}.split must give each class examples in train, val and test, "
            f"got val {holdout.val} and test {holdout.test} "
            f"for the {each[rarest]:,} of {shown(examples.classes[rarest])}"
        )
    close = alike.meant(examples.classes[rarest], others)
    hint = f" (did you mean {shown(close)}?)" if close else ""
    return UserError(
        f"datasets.{dataset}: each class must have examples enough for train, val and test, "
        f"got {each[rarest]} of {shown(examples.classes[rarest])}{hint} in all, of {len(each):,} classes and "
        f"{sum(each):,} examples: add some, "
        f"or set other shares than val {holdout.val} and test {holdout.test} in datasets.{dataset}.split"
    )
