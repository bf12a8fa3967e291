"""How many jobs at once: as many as cores and memory hold."""

import builtins
import io
import os
from types import SimpleNamespace
from typing import Any

import joblib
import psutil
import pytest
import torch

from stages.scheduling import size
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
    monkeypatch.setattr(joblib, "cpu_count", lambda: 8)
    assert size.fitting(PARAMS.model_copy(update={"threads": 1, "device": "cpu"})) == expected


@pytest.mark.parametrize(("here", "threads", "expected"), [(8, 1, 8), (8, 3, 2), (2, 4, 1)])
def test_each_job_has_cores_for_its_threads(
    monkeypatch: pytest.MonkeyPatch, here: int, threads: int, expected: int
) -> None:
    monkeypatch.setattr(joblib, "cpu_count", lambda: here)
    assert size.fitting(PARAMS.model_copy(update={"threads": threads, "device": "cpu"})) == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"cpu.max": "200000 100000"}, 2),
        ({"cpu.max": "150000 100000"}, 2),
        ({"cpu.max": "max 100000"}, 8),
        ({"cpu/cpu.cfs_quota_us": "300000", "cpu/cpu.cfs_period_us": "100000"}, 3),
        ({"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, 8),
        ({}, 8),
    ],
    ids=str,
)
def test_of_eight_cores_a_container_has_those_of_its_quota(
    monkeypatch: pytest.MonkeyPatch, files: dict[str, str], expected: int
) -> None:
    """As cgroups of version 2 write it, and of version 1; a part of a core counts as one."""
    group, exists, load = "/sys/fs/cgroup/", os.path.exists, builtins.open

    def known(path: Any) -> bool:
        return path[len(group) :] in files if str(path).startswith(group) else exists(path)

    def read(path: Any, *more: Any, **named: Any) -> Any:
        return (
            io.StringIO(files[path[len(group) :]])
            if str(path).startswith(group)
            else load(path, *more, **named)
        )

    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)))
    monkeypatch.setattr(os.path, "exists", known)
    monkeypatch.setattr(builtins, "open", read)
    assert size.fitting(PARAMS.model_copy(update={"threads": 1, "device": "cpu"})) == expected


@pytest.mark.parametrize(
    ("device", "cuda", "expected"),
    [("auto", True, 1), ("auto", False, 8), ("cpu", True, 8), ("mps", False, 1)],
)
def test_networks_do_not_share_the_memory_of_an_accelerator(
    monkeypatch: pytest.MonkeyPatch, device: str, cuda: bool, expected: int
) -> None:
    monkeypatch.setattr(joblib, "cpu_count", lambda: 8)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert size.fitting(PARAMS.model_copy(update={"threads": 1, "device": device})) == expected
