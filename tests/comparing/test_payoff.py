"""Whether deep learning pays, said by the interval."""

from typing import Any

import pytest

from stages.comparing import page, payoff
from stages.comparing.comparison import Entry
from stages.comparing.groups import Group
from stages.judging.columns import Column
from tests.compared import ACCURACY, ERROR, entry, group, right


def matched(network: int, baseline: int, *, of: int = 100) -> Group:
    return group(entry("net", **right(network, of)), entry("base", kind="baseline", **right(baseline, of)))


@pytest.mark.parametrize(
    ("network", "baseline", "answer"),
    [
        (95, 50, "Deep learning pays here"),
        (55, 50, "Deep learning makes no clear difference here"),
        (50, 50, "Deep learning makes no clear difference here"),
        (100, 100, "Deep learning makes no clear difference here"),
        (45, 50, "Deep learning makes no clear difference here"),
        (5, 50, "Deep learning does not pay here"),
    ],
)
def test_the_interval_decides_what_is_said(network: int, baseline: int, answer: str) -> None:
    assert payoff.verdict(matched(network, baseline)).startswith(f"**{answer}**: ")


def test_a_difference_that_shows_no_digit_is_none() -> None:
    """4 of 100,000 are 0.004 points, of which 0.00 are written; 6 are 0.006, of which 0.01 are."""
    tie, lead = (payoff.verdict(matched(50_000 + more, 50_000, of=100_000)) for more in (4, 6))
    assert "`net` (50.00%) is equal in accuracy to the chosen baseline `base` (50.00%)." in tie
    assert "0.01 points better" in lead


@pytest.mark.parametrize(
    ("score", "side", "behind"),
    [(0.4, "better", ""), (0.6, "worse", " No better on test than `base`: `net`.")],
)
def test_without_intervals_nothing_is_called_clear(score: float, side: str, behind: str) -> None:
    found = group(
        entry("net", mse=score, val_mse=score),
        entry("base", kind="baseline", mse=0.5, val_mse=0.5),
        column=ERROR,
    )
    assert payoff.verdict(found) == (
        f"**Deep learning scores {side} here, how surely is unknown**: on test the chosen network `net` "
        f"({score:.4f}) is 0.1000 {side} in MSE than the chosen baseline `base` (0.5000). "
        f"This score has no 95 % interval, which would tell how sure that is.{behind}"
    )


def behind(*networks: Entry, column: Column = ACCURACY, **theirs: Any) -> str:
    """What is said after the verdict, where the chosen baseline has those scores."""
    base = entry("base", kind="baseline", **theirs)
    cheap = {name: 0.0 if column is ACCURACY else 9.0 for name in (column.metric, f"val_{column.metric}")}
    other = entry("cheap", kind="baseline", **cheap)  # beside whom every network is better
    _, found, names = payoff.verdict(group(*networks, other, base, column=column)).partition(" No better")
    return found + names


def test_every_network_that_is_no_better_than_the_chosen_baseline_is_named_best_first() -> None:
    """Those that validation has not chosen too, and those as good; who has no score is not judged."""
    runs = [entry(f"n{hits}", **right(hits, 100)) for hits in (40, 90, 50, 51)]
    assert (
        behind(*runs, entry("unscored"), **right(50, 100)) == " No better on test than `base`: `n50`, `n40`."
    )
    assert behind(*runs, **right(91, 100)).endswith("`base`: `n90`, `n51`, `n50`, `n40`.")
    assert behind(*runs, **right(39, 100)) == ""


def test_of_errors_the_lower_is_better_and_a_lead_that_no_digit_shows_must_be_clear() -> None:
    scores = {"best": 0.1, "barely": 0.49998, "unclear": 0.49999, "worse": 0.6}
    runs = [
        entry(name, mse=score, val_mse=score, mse_low=score - reach, mse_high=score + reach)
        for (name, score), reach in zip(scores.items(), (0.01, 1e-6, 0.01, 0.01), strict=True)
    ]
    told = behind(*runs, column=ERROR, mse=0.5, val_mse=0.5, mse_low=0.499999, mse_high=0.500001)
    assert told == " No better on test than `base`: `unclear`, `worse`."


def test_that_networks_are_named_is_explained() -> None:
    assert "all networks named that score no better on test than this baseline" in page.HEAD


def test_a_tie_that_the_interval_calls_clear_is_a_lead_and_one_without_is_none_to_be_seen() -> None:
    """.00004 and .00001 show no digit of their own."""
    ours, theirs = {"mse": 0.00004, "val_mse": 0.1}, {"mse": 0.00001, "val_mse": 0.1}
    near = {"mse_low": 0.000035, "mse_high": 0.000045}, {"mse_low": 0.000005, "mse_high": 0.000015}
    pairs = [(ours | near[0], theirs | near[1]), (ours, theirs)]
    clear, unknown = (
        payoff.verdict(group(entry("net", **a), entry("base", kind="baseline", **b), column=ERROR))
        for a, b in pairs
    )
    assert clear.startswith("**Deep learning does not pay here**") and "barely worse in MSE than" in clear
    assert unknown.startswith("**Deep learning makes no visible difference here**")
    assert "is equal in MSE to the chosen" in unknown


@pytest.mark.parametrize(
    ("known", "missing", "heading"), [("network", "baseline", "baselines"), ("baseline", "network", "models")]
)
def test_who_is_missing_for_a_verdict_is_said_and_where_to_add_it(
    known: str, missing: str, heading: str
) -> None:
    told = payoff.verdict(group(entry("alone", kind=known, **right(5, 9))))
    assert told.startswith(
        f"**No verdict**: this table has no {missing} to compare with. "
        f"Add a block under `{heading}:` in params.yaml that names this data set"
    )
    assert told.endswith("; then run `dvc repro`.")


def test_a_score_that_is_missing_for_a_verdict_is_said() -> None:
    found = group(entry("net", **right(5, 9)), entry("base", kind="baseline", accuracy=0.5))
    told = "**No verdict**: no baseline has both, validation accuracy and accuracy on test."
    assert payoff.verdict(found).startswith(told)
