"""The device under a run."""

import pytest
import torch

from stages.core.errors import UserError
from stages.modelling import machine


@pytest.mark.parametrize("has", [("cuda", "mps"), ("cuda",), ("mps",), ()], ids=str)
def test_auto_is_the_best_device_there_is(monkeypatch: pytest.MonkeyPatch, has: tuple[str, ...]) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: "cuda" in has)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: "mps" in has)
    here = (*has, "cpu")
    assert machine.choose("auto") == here[0]
    assert [machine.choose(name) for name in here] == list(here)
    for name in {"cuda", "mps"} - set(has):
        with pytest.raises(UserError, match=rf"machine has \({', '.join(here)}\) or auto, got '{name}'$"):
            machine.choose(name)
