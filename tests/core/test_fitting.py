"""Settings of a fit that change nothing: said, but no mistake."""

from typing import Any

import pytest

from tests import samples

SHARED = samples.settings()
ALWAYS = {"parameters": "hidden.*", "frozen": "always"}
APART = {"one": {"betas": [0, 0.5], "optimizer": "adam"}}


@pytest.mark.parametrize(
    ("own", "told"),
    [
        ({"momentum": 0.5}, ["momentum is not heeded by optimizer adamw, but by sgd and rmsprop"]),
        (
            {"optimizer": "rmsprop", "nesterov": True},
            ["nesterov is not heeded by optimizer rmsprop, but by sgd"],
        ),
        (
            {"optimizer": "sgd", "betas": [0.5, 0.9]},
            ["betas is not heeded by optimizer sgd, but by adam and adamw"],
        ),
        ({"decay_epochs": 3}, ["decay_epochs is not heeded by schedule constant, but by step and plateau"]),
        (
            {"parts": {"one": {"momentum": 0.5}, "other": {"optimizer": "rmsprop", "momentum": 0.5}}},
            ["parts.one.momentum is not heeded by optimizer adamw, but by sgd and rmsprop"],
        ),
        ({"groups": {"all": ALWAYS | {"rate": 0.1}}}, ["groups.all.rate is not heeded beside frozen always"]),
        (
            {"groups": {"all": ALWAYS | {"decay": 0.5}}},
            ["groups.all.decay is not heeded beside frozen always"],
        ),
        # What repeats what all share, and what is heeded by a part or by the whole.
        ({"momentum": SHARED.momentum, "decay_factor": SHARED.decay_factor}, []),
        ({"momentum": 0.5, "parts": {"model": {"optimizer": "sgd"}}}, []),
        ({"optimizer": "rmsprop", "momentum": 0.5, "parts": APART}, []),
        ({"schedule": "plateau", "decay_epochs": 3}, []),
        ({"groups": {"body": ALWAYS | {"frozen": 1, "rate": 0.1}}}, []),
    ],
    ids=str,
)
def test_what_is_not_heeded_is_said_with_what_would_heed_it(own: dict[str, Any], told: list[str]) -> None:
    assert list(samples.settings(**own).idle(SHARED)) == told


def test_nesterov_asks_for_momentum_only_where_it_is_heeded() -> None:
    samples.settings(optimizer="rmsprop", momentum=0.0, nesterov=True)
    with pytest.raises(ValueError, match="momentum must be greater than 0 with nesterov, got 0"):
        samples.settings(optimizer="sgd", momentum=0.0, nesterov=True)
