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
    return Images(dataset="toy", source="toy", sha256={}, **found.facts, **found.measure())


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
        ([0], r"\.0 must be text, got 0; quotes make it text$"),
    ],
)
def test_what_cannot_be_normal_is_told_by_its_path(names: list[Any], told: str) -> None:
    with pytest.raises(UserError, match=rf"^toy\.encode\.normal_classes{told}"):
        rooms.call(encode, EXAMPLES, SPLIT, "toy", arguments={"normal_classes": names}, at="toy.encode")


@BOTH
def test_kept_classes_stand_in_the_same_splits_as_without_and_are_numbered_anew(examples: Examples) -> None:
    whole, kept = encoded(examples).splits, encoded(examples, classes=("dog", "bee"))
    spec = facts(kept)
    assert spec.classes == ("bee", "dog")
    for name, part in whole.items():
        rows = np.isin(part["y"], [1, 3])
        np.testing.assert_array_equal(kept.splits[name]["x"], part["x"][rows])
        np.testing.assert_array_equal(kept.splits[name]["y"], part["y"][rows] // 2)
        assert spec.counts[name] == tuple(np.bincount(part["y"], minlength=4)[[1, 3]])
    np.testing.assert_allclose(spec.mean, (kept.splits["train"]["x"] / 255).mean(axis=(0, 2, 3)))


@BOTH
def test_so_many_of_each_class_are_kept_of_train_alone(examples: Examples) -> None:
    whole, few = encoded(examples).splits, encoded(examples, per_class=3)
    assert facts(few).counts["train"] == (3, 3, 3, 3)
    for name in ("val", "test"):
        np.testing.assert_array_equal(few.splits[name]["x"], whole[name]["x"])
    there = {x.tobytes() for x in whole["train"]["x"]}
    assert {x.tobytes() for x in few.splits["train"]["x"]} < there


def test_kept_classes_some_of_them_normal_and_few_go_together() -> None:
    found = encoded(classes=("ant", "bee", "dog"), normal_classes=("dog",), per_class=2)
    spec = facts(found)
    assert (spec.classes, spec.normal) == (("ant", "bee", "dog"), ("dog",))
    assert spec.counts == {"train": (0, 0, 2), "val": (0, 0, 4), "test": (6, 6, 6)}


def test_another_seed_of_the_split_draws_others() -> None:
    one, other = (
        encode(OFFICIAL, Holdout(seed=seed, val=0.2, test=0.3), "toy", per_class=3).splits["train"]
        for seed in (0, 1)
    )
    assert one["x"].tobytes() != other["x"].tobytes()


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (
            {"classes": ["an", "bee"]},
            r"classes must be classes of the data set, got 'an'; did you mean 'ant'\?$",
        ),
        ({"classes": ["ant", "ant"]}, r"classes must name no class again, got 'ant'$"),
        ({"classes": ["ant"]}, r"classes must name two at least, or none to keep all, got 'ant' alone$"),
        (
            {"classes": ["ant", "bee"], "normal_classes": ["cat"]},
            r"normal_classes must be classes of .* 'cat'; ",
        ),
        ({"per_class": 11}, r"per_class must be at most the 10 train examples of class 'ant', got 11$"),
        ({"per_class": -1}, r"per_class must be greater than or equal to 0, got -1$"),
    ],
)
def test_what_cannot_be_kept_is_told_by_its_path(asked: dict[str, Any], told: str) -> None:
    with pytest.raises(UserError, match=rf"^toy\.encode\.{told}"):
        rooms.call(encode, EXAMPLES, SPLIT, "toy", arguments=asked, at="toy.encode")


def test_images_that_stand_in_train_too_are_shares_of_their_split_and_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    train, test = labelled(20), labelled(5, seed=1)
    copied = Labelled(
        np.concatenate([train.x[:60], test.x[:20]]), np.concatenate([train.y[:60], test.y[:20]])
    )
    found = encoded(Examples(CLASSES, train, val=copied, test=test))
    assert facts(found).repeated == {"train": 0.0, "val": 0.75, "test": 0.0}
    assert capsys.readouterr().out == "toy: 75 % of val stand in train too\n"
    twice = Labelled(np.concatenate([train.x, train.x]), np.concatenate([train.y, train.y]))
    assert facts(encoded(Examples(CLASSES, twice, val=test, test=test))).repeated["train"] == 0.5


def test_nothing_is_said_where_no_image_stands_twice(capsys: pytest.CaptureFixture[str]) -> None:
    assert facts(encoded()).repeated == {"train": 0.0, "val": 0.0, "test": 0.0}
    assert not capsys.readouterr().out
