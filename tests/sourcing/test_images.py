"""Images, and what becomes of them where only some classes are normal."""

from typing import Any

import numpy as np
import pytest

from stages.core import rooms
from stages.core.blocks import Holdout
from stages.core.errors import UserError
from stages.core.spec import Images
from stages.sourcing.examples import Encoded, Examples, Labelled
from stages.sourcing.images import encode

CLASSES = ("ant", "bee", "cat", "dog")
SPLIT = Holdout(seed=0, val=0.2, test=0.3)


def labelled(each: int, *, seed: int = 0) -> Labelled:
    """Images that are the brighter the higher their class."""
    draw = np.random.default_rng(seed)
    y = draw.permutation(np.repeat(np.arange(len(CLASSES)), each))
    x = draw.integers(0, 60, (len(y), 2, 3, 3)) + 60 * y[:, None, None, None]
    return Labelled(x.astype(np.uint8), y)


EXAMPLES = Examples(CLASSES, labelled(20))
OFFICIAL = Examples(CLASSES, labelled(20), labelled(5, seed=1))
BOTH = pytest.mark.parametrize("examples", [EXAMPLES, OFFICIAL], ids=["cut", "official"])


def encoded(examples: Examples = EXAMPLES, **asked: Any) -> Encoded:
    return encode(examples, SPLIT, "toy", **asked)


def facts(found: Encoded) -> Images:
    return Images(dataset="toy", source="toy", sha256={}, **found.facts)


@BOTH
def test_train_and_val_keep_the_normal_examples_of_the_same_split_and_test_keeps_all(
    examples: Examples,
) -> None:
    whole, normal = encoded(examples).splits, encoded(examples, normal_classes=("cat", "ant")).splits
    for name, part in whole.items():
        kept = np.isin(part["y"], [0, 2]) if name != "test" else np.full(len(part["y"]), True)
        for key in ("x", "y"):
            np.testing.assert_array_equal(normal[name][key], part[key][kept])
    assert set(normal["test"]["y"]) == {0, 1, 2, 3}


@BOTH
def test_the_facts_tell_the_normal_classes_in_the_order_of_the_source_and_count_what_is_left(
    examples: Examples,
) -> None:
    found = encoded(examples, normal_classes=("cat", "ant"))
    spec = facts(found)
    assert (spec.classes, spec.normal) == (CLASSES, ("ant", "cat"))
    for name, part in found.splits.items():
        assert spec.counts[name] == tuple(np.bincount(part["y"], minlength=4))
        assert spec.size(name) == len(part["x"])
    assert spec.counts["train"][1] == spec.counts["val"][3] == 0 < spec.counts["test"][1]


def test_mean_and_deviation_are_those_of_the_normal_train_images() -> None:
    found = encoded(normal_classes=("bee",))
    spec, pixels = facts(found), found.splits["train"]["x"] / 255
    np.testing.assert_allclose(spec.mean, pixels.mean(axis=(0, 2, 3)))
    np.testing.assert_allclose(spec.std, pixels.std(axis=(0, 2, 3)))
    assert 60 / 255 <= min(spec.mean) <= max(spec.mean) <= 120 / 255


def test_without_normal_classes_every_split_has_all() -> None:
    spec = facts(encoded())
    assert spec.normal == ()
    assert spec.counts == {"train": (10,) * 4, "val": (4,) * 4, "test": (6,) * 4}


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["an"], r" must be classes of the data set, got 'an'; did you mean 'ant'\?$"),
        (["owl"], r" must be classes of the data set, got 'owl'; known: ant, bee, cat, dog$"),
        (["ant", "bee", "ant"], r" must name no class again, got 'ant'$"),
        ([*CLASSES], r" must leave a class out, got all 4$"),
        ([0], r"\.0 must be a valid string, got 0$"),
    ],
)
def test_what_cannot_be_normal_is_told_by_its_path(names: list[Any], told: str) -> None:
    with pytest.raises(UserError, match=rf"^toy\.encode\.normal_classes{told}"):
        rooms.call(encode, EXAMPLES, SPLIT, "toy", arguments={"normal_classes": names}, at="toy.encode")
