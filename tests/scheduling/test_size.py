"""How many jobs at once: as many as cores and memory hold."""

from types import SimpleNamespace

import psutil
import pytest
import torch

from stages.scheduling import size
from stages.sourcing import cores
from tests import samples

PARAMS = samples.params()


@pytest.fixture(autouse=True)
def memory(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Of this machine, as much as nobody lacks."""
    memory = SimpleNamespace(available=2**50)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)
    return memory


@pytest.mark.parametrize(("free", "expected"), [(64, 8), (11, 5), (1, 1)])
def test_each_job_has_two_gibibytes_of_memory(
    monkeypatch: pytest.MonkeyPatch, memory: SimpleNamespace, free: int, expected: int
) -> None:
    memory.available = free * 2**30
    monkeypatch.setattr(cores, "count", lambda: 8)
    assert size.fitting(PARAMS.model_copy(update={"threads": 1, "device": "cpu"})) == expected


@pytest.mark.parametrize(("here", "threads", "expected"), [(8, 1, 8), (8, 3, 2), (2, 4, 1)])
def test_each_job_has_cores_for_its_threads(
    monkeypatch: pytest.MonkeyPatch, here: int, threads: int, expected: int
) -> None:
    monkeypatch.setattr(cores, "count", lambda: here)
    assert size.fitting(PARAMS.model_copy(update={"threads": threads, "device": "cpu"})) == expected


@pytest.mark.parametrize(
    ("device", "cuda", "expected"),
    [("auto", True, 1), ("auto", False, 8), ("cpu", True, 8), ("mps", False, 1)],
)
def test_networks_do_not_share_the_memory_of_an_accelerator(
    monkeypatch: pytest.MonkeyPatch, device: str, cuda: bool, expected: int
) -> None:
    monkeypatch.setattr(cores, "count", lambda: 8)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert size.fitting(PARAMS.model_copy(update={"threads": 1, "device": device})) == expected
