"""The generated waves."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stages.core import rooms
from stages.core.errors import UserError
from stages.datasets import waves


def made(folder: Path, **asked: Any) -> np.ndarray:
    folder.mkdir(exist_ok=True)
    waves.fetch(folder, **asked)
    return waves.prepare(folder).values


def test_without_noise_they_are_the_two_sines(tmp_path: Path) -> None:
    t = np.arange(50)
    expected = np.sin(0.1 * t) + 0.5 * np.sin(0.3 * t)
    np.testing.assert_allclose(made(tmp_path, steps=50, noise=0.0)[:, 0], expected, atol=1e-6)


def test_the_noise_is_normal_with_the_deviation_asked_for(tmp_path: Path) -> None:
    noise = made(tmp_path / "noisy", steps=5000, noise=0.3) - made(tmp_path / "pure", steps=5000, noise=0.0)
    assert abs(noise.mean()) < 0.02
    assert noise.std() == pytest.approx(0.3, rel=0.05)
    assert (np.abs(noise) < 0.3).mean() == pytest.approx(0.683, abs=0.02)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    written = []
    for name, seed in (("one", 1), ("same", 1), ("other", 2)):
        made(tmp_path / name, seed=seed)
        (path,) = (tmp_path / name).iterdir()
        written.append(path.read_bytes())
    assert written[0] == written[1] != written[2]


def test_they_say_that_they_are_generated(tmp_path: Path) -> None:
    assert made(tmp_path).shape == (3000, 1)
    assert [path.name for path in tmp_path.iterdir()] == ["generated_waves.csv"]
    assert waves.prepare(tmp_path).columns == ("wave",)


@pytest.mark.parametrize("asked", [{"steps": 0}, {"noise": -0.1}, {"seed": -1}, {"step": 5}])
def test_wrong_options_are_told_by_their_path(tmp_path: Path, asked: dict[str, Any]) -> None:
    with pytest.raises(UserError, match=rf"^datasets\.waves\.fetch\.{next(iter(asked))} "):
        rooms.call(waves.fetch, tmp_path, arguments=asked, at="datasets.waves.fetch")
