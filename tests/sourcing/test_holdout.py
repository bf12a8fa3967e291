"""Holding out by class."""

import re
from math import ceil

import numpy as np
import pytest

from stages.core.blocks import Holdout
from stages.core.errors import UserError
from stages.sourcing import holdout
from stages.sourcing.examples import Examples, Labelled

CLASSES = ("ant", "bee", "cat")
EACH = (101, 57, 23)


def labelled(each: tuple[int, ...], *, first: int = 0) -> Labelled:
    """Examples whose pixels are their number, so that each can be told from all others."""
    y = np.random.default_rng(0).permutation(np.repeat(np.arange(len(each)), each))
    x = np.arange(first, first + len(y), dtype=np.uint32).view(np.uint8).reshape(-1, 1, 2, 2)
    return Labelled(x, y)


def numbers(part: Labelled) -> list[int]:
    return part.x.reshape(-1, 4).view(np.uint32).ravel().tolist()


def rule(*, seed: int = 0, val: float = 0.15, test: float = 0.25) -> Holdout:
    return Holdout(seed=seed, val=val, test=test)


EXAMPLES = Examples(CLASSES, labelled(EACH))
OFFICIAL = Examples(CLASSES, labelled(EACH), labelled((5, 5, 5), first=10_000))


def test_every_example_stands_in_exactly_one_split_with_its_label() -> None:
    parts = holdout.split(EXAMPLES, rule(), dataset="toy")
    assert list(parts) == ["train", "val", "test"]
    assert sorted(n for part in parts.values() for n in numbers(part)) == list(range(sum(EACH)))
    for part in parts.values():
        np.testing.assert_array_equal(part.y, EXAMPLES.train.y[numbers(part)])


@pytest.mark.parametrize(("val", "test"), [(0.15, 0.25), (0.1, 0.1), (0.4, 0.3)])
def test_every_class_is_held_out_by_its_share_within_rounding(val: float, test: float) -> None:
    parts = holdout.split(EXAMPLES, rule(val=val, test=test), dataset="toy")
    for part, share in {"train": 1 - val - test, "val": val, "test": test}.items():
        assert len(parts[part].y) == pytest.approx(share * sum(EACH), abs=1)
        assert holdout.counts(parts[part], CLASSES) == pytest.approx([share * n for n in EACH], abs=2)


def test_an_official_test_split_is_kept_and_only_val_is_cut() -> None:
    parts = holdout.split(OFFICIAL, rule(), dataset="toy")
    assert OFFICIAL.test is not None
    assert numbers(parts["test"]) == numbers(OFFICIAL.test)
    assert sorted(numbers(parts["train"]) + numbers(parts["val"])) == list(range(sum(EACH)))
    assert holdout.counts(parts["val"], CLASSES) == pytest.approx([0.15 * n for n in EACH], abs=1)


def test_a_val_split_of_the_sources_own_is_kept_and_only_test_is_cut() -> None:
    own = Examples(CLASSES, labelled(EACH), val=labelled((4, 4, 4), first=20_000))
    parts = holdout.split(own, rule(), dataset="toy")
    assert numbers(parts["val"]) == list(range(20_000, 20_012))
    assert sorted(numbers(parts["train"]) + numbers(parts["test"])) == list(range(sum(EACH)))
    assert numbers(parts["test"]) == numbers(holdout.split(EXAMPLES, rule(), dataset="toy")["test"])


def test_where_the_source_brings_both_nothing_is_cut() -> None:
    own = Examples(CLASSES, labelled(EACH), labelled((5, 5, 5)), labelled((4, 4, 4)))
    parts = holdout.split(own, rule(), dataset="toy")
    assert {name: numbers(part) for name, part in parts.items()} == {
        name: numbers(part) for name, part in own.parts.items()
    }


def test_few_of_each_class_are_drawn_by_the_seed_in_the_order_of_the_source() -> None:
    given = labelled(EACH)
    few, same, other = (holdout.few(given, CLASSES, each=9, seed=seed) for seed in (1, 1, 2))
    assert holdout.counts(few, CLASSES) == (9, 9, 9)
    assert numbers(few) == sorted(numbers(few)) == numbers(same) != numbers(other)
    np.testing.assert_array_equal(few.y, given.y[numbers(few)])


def test_fewer_are_among_more() -> None:
    one, two, ten = (set(numbers(holdout.few(labelled(EACH), CLASSES, each=n, seed=0))) for n in (1, 2, 10))
    assert one < two < ten


def test_a_class_that_the_part_lacks_is_left_out_and_one_with_too_few_is_named() -> None:
    given = labelled((20, 0, 5))
    assert holdout.counts(holdout.few(given, CLASSES, each=5, seed=0), CLASSES) == (5, 0, 5)
    said = r"^per_class must be at most the 5 train examples of class 'cat', got 6$"
    with pytest.raises(ValueError, match=said):
        holdout.few(given, CLASSES, each=6, seed=0)


@pytest.mark.parametrize("part", ["train", "val", "test"])
def test_a_split_keeps_the_order_of_the_source(part: str) -> None:
    order = numbers(holdout.split(EXAMPLES, rule(), dataset="toy")[part])
    assert order == sorted(order)


def test_the_same_seed_gives_the_same_split_and_another_seed_another() -> None:
    one, same, other = (holdout.split(EXAMPLES, rule(seed=s), dataset="toy") for s in (1, 1, 2))
    for part in one:
        assert numbers(one[part]) == numbers(same[part])
        assert numbers(one[part]) != numbers(other[part])


@pytest.mark.parametrize("official", [None, labelled((5, 5, 5))])
@pytest.mark.parametrize("rare", [0, 1, 2, 3])
def test_a_class_with_too_few_examples_is_named(rare: int, official: Labelled | None) -> None:
    examples = Examples(CLASSES, labelled((40, rare, 40)), official)
    with pytest.raises(UserError) as error:
        holdout.split(examples, rule(), dataset="toy")
    assert str(error.value) == (
        "datasets.toy: each class must have examples enough for train, val and test, "
        f"got {rare} of 'bee' in all, of 3 classes and {80 + rare} examples: add some, "
        "or set other shares than val 0.15 and test 0.25 in datasets.toy.split"
    )


@pytest.mark.parametrize(("val", "test"), [(0.15, 0.25), (0.1, 0.1), (0.3, 0.2), (0.4, 0.4)])
@pytest.mark.parametrize("others", [(), (300,), (57, 1_001), (7,) * 20], ids=len)
def test_of_a_class_one_over_the_smallest_share_is_enough(
    val: float, test: float, others: tuple[int, ...]
) -> None:
    """As docs/photos.md says it."""
    enough = ceil(1 / min(val, test, 1 - val - test))
    each = (enough, *(max(other, enough) for other in others or (enough,)))
    classes = tuple(f"class {k}" for k in range(len(each)))
    for seed in range(20):
        parts = holdout.split(
            Examples(classes, labelled(each)), rule(val=val, test=test, seed=seed), dataset="a"
        )
        assert all(min(holdout.counts(part, classes)) > 0 for part in parts.values())


@pytest.mark.parametrize(
    ("rare", "many", "hint"),
    [
        ("positve", "positive", " (did you mean 'positive'?)"),
        ("Positive", "positive", " (did you mean 'positive'?)"),
        ("negative", "positive", ""),
        ("1", "11", ""),
    ],
)
def test_a_class_with_too_few_examples_may_be_a_misspelt_one(rare: str, many: str, hint: str) -> None:
    examples = Examples((rare, many), labelled((1, 300)))
    with pytest.raises(UserError, match=rf"got 1 of {re.escape(repr(rare) + hint)} in all, of 2 classes"):
        holdout.split(examples, rule(), dataset="toy")


def test_of_classes_with_as_few_examples_none_is_taken_for_another() -> None:
    examples = Examples(("positive", "positve"), labelled((1, 1)))
    with pytest.raises(UserError, match=r"got 1 of 'positive' in all, of 2 classes"):
        holdout.split(examples, rule(), dataset="toy")


@pytest.mark.parametrize(("val", "test"), [(0.001, 0.25), (0.25, 0.001), (0.5, 0.499)])
def test_shares_that_leave_nothing_are_refused(val: float, test: float) -> None:
    told = r"^datasets\.toy\.split must give each class examples in train, val and test, "
    with pytest.raises(UserError, match=f"{told}got val {val} and test {test} for the 23 of 'cat'$"):
        holdout.split(EXAMPLES, rule(val=val, test=test), dataset="toy")
