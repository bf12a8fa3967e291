"""The surest examples and what is said of them."""

import numpy as np

from stages.judging import surest
from stages.judging.verdict import Judged
from tests import samples


def test_the_surest_examples_are_right_ones_first_and_wrong_ones_then() -> None:
    y = np.zeros(40, np.int64)
    outputs = np.stack([np.linspace(-3, 3, 40), np.zeros(40)], axis=1).astype(np.float32)
    chosen = surest.rows(Judged(np.zeros((40, 2)), y, outputs), 6)
    assert chosen.tolist() == [39, 38, 37, 36, 35, 34, 0, 1, 2, 3, 4, 5]


def test_without_mistakes_the_surest_examples_are_all_right() -> None:
    outputs = np.eye(2, dtype=np.float32)[np.zeros(3, int)]
    assert len(surest.rows(Judged(np.zeros((3, 2)), np.zeros(3, np.int64), outputs), 6)) == 3


def test_a_caption_holds_what_was_said_how_surely_and_what_is_true() -> None:
    outputs = np.log(np.array([[0.7, 0.1, 0.1, 0.1], [0.1, 0.1, 0.6, 0.2]], np.float32))
    said = Judged(np.zeros((2, 1)), np.array([0, 3]), outputs)
    assert surest.captions(samples.spec(), said) == [
        ("class 0, 70%", "class 0", False),
        ("class 2, 60%", "class 3", True),
    ]
