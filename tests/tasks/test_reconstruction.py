"""Every figure of the task, against scikit-learn, scikit-image and scipy."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import sem, t
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from sklearn.metrics import mean_squared_error

from stages.classical import pca
from stages.core import inputs, rooms
from stages.core.errors import UserError
from stages.judging import restoration, subject
from stages.judging.restoration import measured
from stages.judging.verdict import Judged
from stages.tasks import reconstruction
from tests import drawn, samples
from tests.compared import assert_better, declared

FACTS = samples.spec((3, 8, 9), each=5)
TASK = reconstruction.build(FACTS)


def judged(*, seed: int = 0, wrong: float = 0.1, latent: int = 0) -> Judged:
    """Images as they lie on disk, and reconstructions that are wrong by some noise."""
    split, draw = samples.split(FACTS, seed=seed), np.random.default_rng(seed)
    outputs = (split.x.numpy() / 255 + wrong * draw.normal(size=split.x.shape)).clip(0, 1)
    beside = {"encode": draw.normal(size=(len(split), latent))} if latent else {}
    return Judged(split.x.numpy(), split.y.numpy(), outputs.astype(np.float32), beside)


def sets(**own: Judged) -> dict[str, Judged]:
    noisy = judged(seed=2, wrong=0.3)
    noise = Judged(255 - noisy.x, noisy.y, noisy.outputs)
    asked = {"train": judged(), "val": judged(seed=1), "test": judged(seed=2), "noisy": noise} | own
    return {name: measured(said, asked["test" if said is noise else name].x) for name, said in asked.items()}


def pixels(said: Judged) -> NDArray[np.float64]:
    return said.x / 255


def test_every_score_is_that_of_the_libraries() -> None:
    asked = sets()
    found, clean = TASK.metrics(asked), pixels(asked["test"])
    for name, suffix in (("test", ""), ("noisy", "_noisy")):
        said = asked[name].outputs.astype(float)
        each = [
            structural_similarity(a, b, win_size=7, data_range=1, channel_axis=0)
            for a, b in zip(clean, said, strict=True)
        ]
        expected = {
            "mse": mean_squared_error(clean.ravel(), said.ravel()),
            "psnr": peak_signal_noise_ratio(clean, said, data_range=1),
            "ssim": np.mean(each),
        }
        assert {key: found[f"{key}{suffix}"] for key in expected} == pytest.approx(expected, rel=1e-6)


def test_the_interval_is_that_of_a_mean_over_the_images() -> None:
    asked = sets()
    errors = np.square(asked["test"].outputs - pixels(asked["test"])).mean(axis=(1, 2, 3))
    found, reach = TASK.metrics(asked), t.ppf(0.975, len(errors) - 1) * sem(errors)
    assert found["mse_high"] - found["mse"] == pytest.approx(reach, rel=1e-4)
    assert found["mse"] - found["mse_low"] == pytest.approx(reach, rel=1e-4)


def test_the_gap_is_train_less_test() -> None:
    asked = sets()
    found = TASK.metrics(asked)
    for name in ("train", "val"):
        expected = mean_squared_error(pixels(asked[name]).ravel(), asked[name].outputs.ravel())
        assert found[f"{name}_mse"] == pytest.approx(expected, rel=1e-6)
    assert found["mse_gap"] == pytest.approx(found["train_mse"] - found["mse"])
    assert found["n"] == {"train": 20, "val": 20, "test": 20, "noisy": 20}


def test_the_mean_train_image_leaves_all_variance_and_a_perfect_answer_none() -> None:
    asked = sets()
    test, mean = asked["test"], pixels(asked["train"]).mean(axis=0)
    flat = Judged(test.x, test.y, np.broadcast_to(mean, test.x.shape).astype(np.float32))
    found = TASK.metrics(sets(test=flat))
    assert found["variance_left"] == pytest.approx(1, rel=1e-5)
    assert found["flat_mse"] == pytest.approx(found["mse"], rel=1e-5)
    perfect = Judged(test.x, test.y, (test.x / 255).astype(np.float32))
    assert TASK.metrics(sets(test=perfect))["variance_left"] == pytest.approx(0, abs=1e-9)


def test_pixels_that_are_less_wrong_are_better_in_every_column() -> None:
    seeds = {"train": 0, "val": 1, "test": 2, "noisy": 2}
    good, bad = (
        TASK.metrics(sets(**{name: judged(seed=seed, wrong=wrong) for name, seed in seeds.items()}))
        for wrong in (0.05, 0.2)
    )
    assert_better(reconstruction, good, bad)


def test_what_is_undefined_is_null_and_no_key_is_left_out() -> None:
    asked = sets()
    x, y = np.zeros((1, 3, 2, 2), np.uint8), np.zeros(1, np.int64)
    dark = Judged(x, y, x.astype(np.float32))
    found = TASK.metrics(dict.fromkeys(asked, measured(dark, x)))
    assert found.keys() == TASK.metrics(asked).keys()
    json.dumps(found, allow_nan=False)
    undefined = ("mse_low", "mse_high", "psnr", "ssim", "psnr_noisy", "ssim_noisy", "variance_left", "latent")
    assert [key for key, value in found.items() if value is None] == sorted(undefined, key=list(found).index)


def test_the_latent_is_told_by_its_width() -> None:
    assert TASK.metrics(sets(test=judged(latent=5)))["latent"] == 5
    assert TASK.metrics(sets())["latent"] is None


def test_metrics_are_json_and_hold_what_the_comparison_asks_for() -> None:
    found = TASK.metrics(sets(test=judged(latent=5)))
    json.dumps(found, allow_nan=False)
    assert all(format(found[column.metric], column.form) for column in declared(reconstruction))
    assert (reconstruction.COLUMNS[0].metric, reconstruction.COLUMNS[0].better) == ("mse", "lower")
    assert (reconstruction.CHOICE.metric, reconstruction.CHOICE.better) == ("val_mse", "lower")


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    samples.write(FACTS)


def fitted() -> pca.PCA:
    method, train = pca.build(FACTS, components=4), inputs.whole(samples.split(FACTS), FACTS)
    method.fit(train, train)
    return method


@pytest.mark.usefixtures("written")
def test_a_run_is_asked_of_every_split_and_of_the_test_images_under_noise() -> None:
    method = fitted()
    asked = TASK.ask(samples.subject(FACTS, subject.classical(method)))
    assert list(asked) == ["train", "val", "test", "noisy"]
    test, noisy = asked["test"], asked["noisy"]
    np.testing.assert_array_equal(noisy.y, test.y)
    assert noisy.x.dtype == np.uint8 and test.beside["encode"].shape == (20, 4)
    # By a deviation of 0.3, less what is cut off.
    assert 0.2 < float(((noisy.x.astype(float) - test.x) / 255).std()) < 0.3
    for said in asked.values():
        standardised = ((said.x / 255 - 0.5) / 0.25).astype(np.float32)
        np.testing.assert_allclose(said.outputs, method.answer(standardised), atol=1e-5)


@pytest.mark.usefixtures("written")
def test_the_error_of_an_image_is_found_once_by_what_has_no_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = TASK.ask(samples.subject(FACTS, subject.classical(fitted())))
    for name, said in asked.items():
        clean = pixels(asked["test" if name == "noisy" else name])
        errors = np.square(said.outputs - clean).mean(axis=(1, 2, 3))
        np.testing.assert_allclose(said.beside["errors"], errors, rtol=1e-5)
    whole, mse = [], restoration.mse
    monkeypatch.setattr(restoration, "flat_mse", lambda *_: 1.0)
    monkeypatch.setattr(restoration, "mse", lambda x, said: whole.append(len(x)) or mse(x, said))
    TASK.metrics(asked), list(TASK.charts(asked))
    assert whole == []


@pytest.mark.usefixtures("written")
def test_every_run_sees_the_same_noise_of_the_deviation_that_is_asked_for() -> None:
    def seen(noise: float, mean: float) -> NDArray[Any]:
        flat = {"forward": lambda x: np.full(x.shape, mean, np.float32)}
        return reconstruction.build(FACTS, noise=noise).ask(samples.subject(FACTS, flat))["noisy"].x

    np.testing.assert_array_equal(seen(0.3, mean=0.1), seen(0.3, mean=0.9))
    clean = samples.split(FACTS, seed=2).x.numpy().astype(float)
    assert np.abs(seen(0.05, mean=0.1) - clean).std() < 0.3 * np.abs(seen(0.3, mean=0.1) - clean).std()


@pytest.mark.usefixtures("written")
def test_what_gives_no_images_is_refused() -> None:
    logits = samples.subject(FACTS, {"forward": lambda x: np.zeros((len(x), 4), np.float32)})
    with pytest.raises(UserError, match=r"^models\.run: .*\(3, 8, 9\), got \(4,\)"):
        TASK.ask(logits)


def test_data_of_which_only_some_classes_are_learnt_from_are_refused() -> None:
    some = FACTS.model_copy(update={"normal": FACTS.classes[:1]})
    told = r"^task reconstruction must be given data without normal_classes, got 'sample'$"
    with pytest.raises(UserError, match=told):
        rooms.build("tasks", "reconstruction", some, {}, at="models.run.measure")


@pytest.mark.parametrize("noise", [0.0, -1.0])
def test_noise_must_be_some(noise: float) -> None:
    with pytest.raises(UserError, match=r"^models\.run\.measure\.noise must be greater than 0, got"):
        rooms.build("tasks", "reconstruction", FACTS, {"noise": noise}, at="models.run.measure")


def test_the_charts_are_the_spread_of_the_errors_and_the_error_of_each_class() -> None:
    asked = sets()
    rows, test = list(TASK.charts(asked)), asked["test"]
    errors = np.square(test.outputs - pixels(test)).mean(axis=(1, 2, 3))
    classes = {x: y for chart, _, x, y in rows if chart == "class"}
    expected = {name: errors[test.y == k].mean() for k, name in enumerate(FACTS.classes)}
    assert classes == pytest.approx(expected)
    spread = [(series, y) for chart, series, _, y in rows if chart == "errors"]
    for name in ("train", "test"):
        assert sum(float(y) for series, y in spread if series == name) == pytest.approx(1, abs=0.06)
    assert len(rows) == len(classes) + len(spread)


def test_a_class_that_test_lacks_has_no_error() -> None:
    test = judged()
    kept = np.flatnonzero(test.y != 2)
    part = Judged(test.x[kept], test.y[kept], test.outputs[kept])
    named = [x for chart, _, x, _ in TASK.charts(sets(test=part, noisy=part)) if chart == "class"]
    assert named == ["class 0", "class 1", "class 3"]


def test_latents_are_drawn_where_there_are_some() -> None:
    names = ["reconstructions", "denoised", "errors"]
    assert list(TASK.figures(sets())) == names
    assert list(TASK.figures(sets(test=judged(seed=2, latent=3)))) == [*names, "latents"]


def test_the_template_draws_every_chart_of_the_task() -> None:
    assert drawn.charts("reconstruction") == {chart for chart, *_ in TASK.charts(sets())}
