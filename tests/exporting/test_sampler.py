"""The sampler that needs no torch: from the same noise it draws what the network draws."""

import runpy
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from matplotlib import image
from numpy.typing import NDArray
from PIL import Image

from stages.architectures import diffusion
from stages.exporting import onnx_file, sampler
from stages.modelling import noising
from stages.modelling.weights import Card
from tests import samples

SPEC = samples.spec((1, 5, 9))
NEAREST = 0.501 / 255  # half a level of a picture, and what float32 rounds


@pytest.fixture(scope="module")
def model() -> diffusion.Diffusion:
    torch.manual_seed(0)
    built = diffusion.build(SPEC, width=8, levels=(1, 2, 2), noise_steps=100)
    torch.nn.init.normal_(built.denoiser.head[-1].weight, std=0.1)
    return built.eval()


@pytest.fixture(scope="module")
def file(model: diffusion.Diffusion, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("onnx") / "denoiser.onnx"
    card = Card(run="run", architecture="diffusion", hyper={}, spec=SPEC, seed=0, threads=2, device="cpu")
    onnx_file.write(model.shipped()["denoiser"], card, path)
    return path


@pytest.mark.parametrize("steps", [1, 8, 50, 100])
@torch.no_grad()
def test_the_file_alone_draws_what_the_network_draws(
    file: Path, model: diffusion.Diffusion, steps: int
) -> None:
    start = np.random.default_rng(3).standard_normal((5, *SPEC.shape), dtype=np.float32)
    ours = noising.sample(
        model,
        torch.from_numpy(start),
        model.noising.alpha_bars,
        sampler="ddim",
        steps=steps,
        generator=torch.Generator(),
    )
    found = sampler.sample(file, 5, 3, steps=steps)
    assert found.dtype == np.float32 and found.std() > 0.1
    np.testing.assert_allclose(found, (ours.numpy() + 1) / 2, atol=1e-4)


def test_many_images_are_made_in_batches_that_change_nothing(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = sampler.sample(file, 7, 0, steps=4)
    monkeypatch.setattr(sampler, "_AT_ONCE", 3)
    np.testing.assert_allclose(sampler.sample(file, 7, 0, steps=4), together, atol=1e-5)


def test_another_seed_draws_other_images(file: Path) -> None:
    assert not np.array_equal(sampler.sample(file, 2, 0, steps=2), sampler.sample(file, 2, 1, steps=2))


@pytest.mark.parametrize(
    ("count", "rows", "columns"), [(1, 1, 1), (2, 1, 2), (5, 2, 3), (9, 3, 3), (10, 3, 4)]
)
def test_images_lie_in_rows_in_their_order(count: int, rows: int, columns: int) -> None:
    pixels = np.random.default_rng(0).random((count, 3, 2, 4))
    picture = sampler.together(pixels)
    assert picture.shape == (3 * rows - 1, 5 * columns - 1, 3)
    for place, one in enumerate(pixels):
        top, left = place // columns * 3, place % columns * 5
        tile = picture[top : top + 2, left : left + 4]
        np.testing.assert_array_equal(tile, np.moveaxis(one, 0, -1))
        tile[:] = 0.5
    assert (picture == 0.5).all()


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> None:
    """`python -m stages.exporting.sampler` with these arguments."""
    monkeypatch.setattr(sys, "argv", ["sampler", *map(str, arguments)])
    runpy.run_path(str(samples.ROOT / "stages/exporting/sampler.py"), run_name="__main__")


def test_the_command_writes_the_pixels_themselves_or_a_picture(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected: NDArray[Any] = sampler.sample(file, 4, 2, steps=3)
    for name in ("samples.npy", "samples.png"):
        run(monkeypatch, file, "--count", 4, "--steps", 3, "--seed", 2, "--out", tmp_path / name)
    np.testing.assert_array_equal(np.load(tmp_path / "samples.npy"), expected)
    picture = image.imread(tmp_path / "samples.png")
    np.testing.assert_allclose(picture, sampler.together(expected)[..., 0], atol=NEAREST)


def test_unasked_it_draws_sixteen_images_in_fifty_steps(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(monkeypatch, file, "--out", tmp_path / "samples.npy")
    np.testing.assert_array_equal(np.load(tmp_path / "samples.npy"), sampler.sample(file, 16, 0, steps=50))


def test_a_folder_that_is_not_there_is_made(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new/newer/samples.npy"
    run(monkeypatch, file, "--count", 2, "--steps", 1, "--out", out)
    assert np.load(out).shape == (2, *SPEC.shape)
    assert capsys.readouterr().out == f"images sampled: 2 -> {out}\n"


@pytest.mark.parametrize("channels", [1, 3])
def test_a_picture_shows_grey_as_grey(channels: int, tmp_path: Path) -> None:
    pixels = np.linspace(0, 1, 4 * channels * 6, dtype=np.float32).reshape(4, channels, 2, 3)
    sampler.write(pixels, tmp_path / "samples.png")
    with Image.open(tmp_path / "samples.png") as opened:
        picture = np.asarray(opened).reshape(5, 7, channels) / 255
    np.testing.assert_allclose(picture, sampler.together(pixels), atol=NEAREST)


def refused(monkeypatch: pytest.MonkeyPatch, folder: Path, *arguments: object) -> object:
    """What the command says instead of writing anything into `folder`."""
    monkeypatch.chdir(folder)
    before = sorted(folder.rglob("*"))
    with pytest.raises(SystemExit) as caught:
        run(monkeypatch, *arguments)
    assert sorted(folder.rglob("*")) == before
    return caught.value.code


@pytest.mark.parametrize(
    ("argument", "value", "rule"),
    [
        *(("count", value, "be from 1 to 2147483647") for value in (0, -3, 2**31, 10**20)),
        *(("steps", value, "be from 1 to noise_steps (100)") for value in (0, -1, 101)),
        ("seed", -1, "be at least 0"),
        ("out", "samples.jpg", "end in .png or .npy"),
        ("out", "samples", "end in .png or .npy"),
    ],
)
def test_an_argument_out_of_its_range_is_told_in_a_line(
    argument: str, value: object, rule: str, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = refused(monkeypatch, tmp_path, file, "--out", "new/some.npy", f"--{argument}", value)
    assert said == f"error: --{argument} must {rule}, got {value}"


def test_more_images_than_memory_holds_are_told_in_a_line(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(np, "empty", lambda *_: np.zeros(2**62, np.uint8))
    said = refused(monkeypatch, tmp_path, file)
    assert said == "error: --count must be of images that memory holds, got 16"


def test_what_cannot_be_written_to_is_told_before_anything_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "file").touch()
    for out, rule in {
        "folder.png": "be a file, got the folder folder.png",
        "file/some.png": f"lie in a folder, got file/some.png: {tmp_path}/file is a file",
    }.items():
        said = refused(monkeypatch, tmp_path, "nowhere.onnx", "--out", out)
        assert said == f"error: --out must {rule}"


def test_a_file_that_is_no_denoiser_is_told_in_a_line(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = onnx.load(file)
    del other.metadata_props[:]
    onnx.save(other, tmp_path / "other.onnx")
    (tmp_path / "text.onnx").write_text("no network")
    (tmp_path / "empty.onnx").touch()
    (tmp_path / "folder.onnx").mkdir()
    unreadable = "must be an ONNX file, got none that onnxruntime can read"
    for name, rule in {
        "nowhere": "must be a file, got none",
        "folder": "must be a file, got a folder",
        "text": unreadable,
        "empty": unreadable,
        "other": "must be an exported denoiser, got a network that takes noised, steps",
    }.items():
        assert refused(monkeypatch, tmp_path, f"{name}.onnx") == f"error: {name}.onnx {rule}"


def test_it_takes_no_more_than_numpy_and_onnxruntime() -> None:
    source = (samples.ROOT / "stages/exporting/sampler.py").read_text(encoding="utf-8")
    taken = {
        line.split()[1].partition(".")[0]
        for line in source.splitlines()
        if line.startswith(("import", "from"))
    }
    assert taken - set(sys.stdlib_module_names) == {"numpy", "onnxruntime"}
