"""Which run is the same network from scratch."""

from typing import Any

import pytest

from stages.comparing import twins
from stages.core.errors import UserError
from stages.core.params import Params
from tests import samples

CONTENT = samples.params()
PLAIN, TUNED = (CONTENT.models[name] for name in ("transfer_scratch", "transfer_frozen"))


def beside_plain(**own: Any) -> Params:
    """Two runs, the second of which starts from elsewhere and has keys of its `own`."""
    return CONTENT.model_copy(update={"models": {"plain": PLAIN, "tuned": TUNED.model_copy(update=own)}})


def test_the_twin_is_the_same_network_on_the_same_data_from_scratch() -> None:
    found = twins.find(CONTENT)
    assert list(found) == list(CONTENT.models)
    assert found["transfer_frozen"] == found["transfer_finetuned"] == "transfer_scratch"
    assert found["transfer_source"] is None and found["cnn"] is None


def test_a_twin_may_spell_out_what_is_the_default() -> None:
    spelt = {"hyper": {"widths": [256], "activation": "relu"}, "loss": {"label_smoothing": 0}}
    assert twins.find(beside_plain(**spelt))["tuned"] == "plain"
    tanh = {"hyper": {"widths": [256], "activation": "tanh"}}
    for other in (tanh, {"loss": {"label_smoothing": 0.1}}, {"task": "reconstruction"}):
        assert twins.find(beside_plain(**other))["tuned"] is None


def test_what_is_missing_may_be_left_to_a_start_but_not_to_none() -> None:
    """A backbone has no default name: weights from elsewhere bring theirs."""
    named = {"architecture": "torchvision_backbone", "hyper": {}}
    assert twins.find(beside_plain(**named)) == {"plain": None, "tuned": None}
    with pytest.raises(UserError, match=r"^models\.tuned\.hyper\.name is missing$"):
        twins.find(beside_plain(**named, start="scratch"))
