"""`python -m stages.preprocess <dataset>`."""

import hashlib
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml

from stages import download, preprocess
from stages.core import files, paths, spec, splits
from stages.core.errors import UserError
from stages.datasets import digits
from stages.sourcing import repeats
from tests import samples
from tests.samples import ROOT

MIRROR = Path(os.environ.get("DATA_MIRROR", ROOT.parent / "shared/data")).resolve()
# Sizes and label counts as the data sets' own pages state them.
OFFICIAL = {
    "mnist": ((1, 28, 28), 60_000, 10_000),
    "fashion_mnist": ((1, 28, 28), 60_000, 10_000),
    "cifar10": ((3, 32, 32), 50_000, 10_000),
}


def configure(source: str, own: dict[str, Any] | None = None, **split: Any) -> None:
    blocks = samples.content() | {"models": {}, "baselines": {}}
    blocks["datasets"] = {
        "toy": {"source": source, "path": "data/nothing", "fetch": {}, "split": split} | (own or {})
    }
    Path("params.yaml").write_text(yaml.safe_dump(blocks))


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    configure("digits")


@pytest.fixture
def facts(project: None) -> spec.Images:
    """The facts of the digits, freshly made."""
    download.main("toy")
    preprocess.main("toy")
    return read()


def read() -> spec.Images:
    facts = spec.read("toy")
    assert isinstance(facts, spec.Images)
    return facts


def contents() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path("data/processed/toy").iterdir()}


def test_the_files_are_three_splits_and_their_facts(facts: spec.Images) -> None:
    assert sorted(contents()) == ["spec.json", "test.safetensors", "train.safetensors", "val.safetensors"]
    assert [path.name for path in Path("data/processed").iterdir()] == ["toy"]


def test_the_facts_are_those_of_the_splits(facts: spec.Images) -> None:
    assert (facts.dataset, facts.source, facts.shape) == ("toy", "digits", (1, 8, 8))
    assert facts.reading.keys() == {"steps"}
    assert facts.classes == tuple("0123456789")
    for part in paths.SPLITS:
        split = splits.load(facts, part)
        assert tuple(split.x.shape[1:]) == facts.shape
        assert (split.x.dtype, split.y.dtype) == (torch.uint8, torch.int64)
        assert facts.counts[part] == tuple(torch.bincount(split.y, minlength=10).tolist())
        assert facts.sha256[part] == hashlib.sha256(paths.split("toy", part).read_bytes()).hexdigest()


def test_mean_and_deviation_are_of_the_train_split_alone(facts: spec.Images) -> None:
    pixels = splits.load(facts, "train").x.numpy() / 255
    np.testing.assert_allclose(facts.mean, pixels.mean(axis=(0, 2, 3)), rtol=1e-12)
    np.testing.assert_allclose(facts.std, pixels.std(axis=(0, 2, 3)), rtol=1e-12)


def test_no_image_stands_in_two_splits_and_none_is_lost(facts: spec.Images) -> None:
    images = [x.numpy().tobytes() for part in paths.SPLITS for x in splits.load(facts, part).x]
    assert len(set(images)) == len(images) == 1797


def test_the_classes_are_shared_out_as_the_params_say(facts: spec.Images) -> None:
    total = np.sum([facts.counts[part] for part in paths.SPLITS], axis=0)
    for part, share in {"train": 0.6, "val": 0.15, "test": 0.25}.items():
        assert facts.counts[part] == pytest.approx(share * total, abs=2)


def test_what_is_told_counts_the_examples_and_names_the_rarest_class_that_is_learnt_from(
    facts: spec.Images,
) -> None:
    configure("digits", {"encode": {"normal_classes": [*"35"]}})
    told = preprocess.main("toy").said
    few = read()
    sizes = ", ".join(f"{few.size(split):,} {split}" for split in paths.SPLITS)
    fewest = min(few.counts["train"][3], few.counts["train"][5])
    rarest = few.classes[few.counts["train"].index(fewest)]
    assert told == f"{sizes} examples, 2 classes to learn, '{rarest}' the rarest: {fewest} in train"
    configure("digits", {"encode": {"normal_classes": ["8"]}})
    assert preprocess.main("toy").said.endswith(" examples, '8' alone to learn")


def test_data_drawn_by_a_program_are_told_so() -> None:
    configure("waves")
    download.main("toy")
    assert preprocess.main("toy").said.endswith(" test examples (generated data)")


def test_the_same_params_give_the_same_bytes_in_another_process(facts: spec.Images) -> None:
    before = contents()
    command = [sys.executable, "-m", "stages.preprocess", "toy"]
    environment = {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "1"}
    subprocess.run(command, env=environment, check=True)
    assert contents() == before


def test_another_seed_gives_another_split(facts: spec.Images) -> None:
    before = contents()
    configure("digits", seed=1)
    preprocess.main("toy")
    assert all(content != before[name] for name, content in contents().items())


def test_ten_examples_of_each_of_some_classes_are_learnt_from_and_judged_by_all_of_them(
    facts: spec.Images,
) -> None:
    whole = {part: splits.load(facts, part) for part in paths.SPLITS}
    configure("digits", {"encode": {"classes": [*"56789"], "per_class": 10}})
    preprocess.main("toy")
    few = read()
    assert few.classes == tuple("56789")
    assert few.counts == {
        "train": (10,) * 5,
        "val": facts.counts["val"][5:],
        "test": facts.counts["test"][5:],
    }
    for part in ("val", "test"):
        split = splits.load(few, part)
        assert torch.equal(split.x, whole[part].x[whole[part].y >= 5])
        assert torch.equal(split.y + 5, whole[part].y[whole[part].y >= 5])


def test_raw_data_that_are_missing_name_the_stage_that_fetches_them() -> None:
    with pytest.raises(UserError, match=r"data/raw/toy is missing: run `dvc repro download@toy` first"):
        preprocess.main("toy")


def test_a_split_that_cannot_be_leaves_the_earlier_one(facts: spec.Images) -> None:
    before = contents()
    configure("digits", val=0.001)
    with pytest.raises(UserError, match=r"^datasets\.toy\.split must give each class examples"):
        preprocess.main("toy")
    assert contents() == before


@pytest.mark.parametrize(
    ("own", "told"),
    [
        ({"prepare": {"columns": 3}}, "datasets.toy.prepare.columns is not known; known: none"),
        (
            {"encode": {"lower": True}},
            "datasets.toy.encode.lower is not known; known: classes, normal_classes, per_class",
        ),
    ],
)
def test_what_the_source_does_not_take_is_told_by_its_path(
    facts: spec.Images, own: dict[str, Any], told: str
) -> None:
    before = contents()
    configure("digits", own)
    with pytest.raises(UserError) as caught:
        preprocess.main("toy")
    assert str(caught.value) == told
    assert contents() == before


def test_a_wrong_argument_of_encode_is_told_before_anything_is_read(
    facts: spec.Images, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure("digits", {"encode": {"lower": True}})
    monkeypatch.delattr(digits, "prepare")
    with pytest.raises(UserError, match=r"^datasets\.toy\.encode\.lower"):
        preprocess.main("toy")


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The mirror with the real data; where it holds CIFAR-10 packed, one that holds it unpacked."""
    if not MIRROR.is_dir():
        pytest.skip(f"no mirror of the real data: {MIRROR} is no folder, set DATA_MIRROR")
    monkeypatch.setenv("DATA_MIRROR", str(MIRROR))
    return MIRROR


def unpack(mirror: Path, into: Path) -> Path:
    packed = mirror / "cifar10" / "packed"
    if not packed.is_dir():
        return mirror
    script = packed.with_name("unpack_cifar10.py")
    subprocess.run([sys.executable, script, packed, into / "cifar10"], check=True, capture_output=True)
    return into


@pytest.mark.slow
@pytest.mark.parametrize("source", OFFICIAL)
def test_the_real_data_come_with_their_official_test_split(
    source: str, mirror: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not (mirror / source).is_dir():
        pytest.skip(f"the mirror {mirror} lacks {source}")
    if source == "cifar10":
        monkeypatch.setenv("DATA_MIRROR", str(unpack(mirror, tmp_path / "mirror")))
    shape, given, official = OFFICIAL[source]
    configure(source)
    download.main("toy")
    preprocess.main("toy")
    facts = read()
    assert facts.shape == shape
    assert facts.size("test") == official
    assert facts.size("val") == round(0.15 * given)
    assert facts.size("train") + facts.size("val") == given
    train, val = (np.array(facts.counts[part]) for part in ("train", "val"))
    np.testing.assert_allclose(val, 0.15 * (train + val), atol=1)
    pixels = splits.load(facts, "train").x[:5000].numpy() / 255
    np.testing.assert_allclose(facts.mean, pixels.mean(axis=(0, 2, 3)), atol=0.01)
    np.testing.assert_allclose(facts.std, pixels.std(axis=(0, 2, 3)), atol=0.01)


def test_torch_is_not_imported_for_what_numpy_does_sooner() -> None:
    told = "import sys, stages.preprocess as stage; stage.main('toy'); sys.exit('torch' in sys.modules)"
    download.main("toy")
    subprocess.run([sys.executable, "-c", told], env=os.environ | {"PYTHONPATH": str(ROOT)}, check=True)


def test_a_folder_of_ones_own_is_named_where_it_lies() -> None:
    for name in ("cats", "dogs"):
        Path("photos", name).mkdir(parents=True)
        Path("photos", name, "1.jpg").write_text("no picture")
    configure("image_folder", {"path": "photos"})
    download.main("toy")
    with pytest.raises(UserError, match=r"^datasets\.toy: photos\b.* 2 of 2 files "):
        preprocess.main("toy")


def test_facts_are_measured_while_the_splits_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    measured, write, shares = threading.Event(), files.write_tensors, repeats.shares

    def late(*given: Any) -> str:
        assert measured.wait(timeout=60)
        return write(*given)

    def noted(parts: Any) -> dict[str, float]:
        measured.set()
        return shares(parts)

    download.main("toy")
    monkeypatch.setattr(files, "write_tensors", late)
    monkeypatch.setattr(repeats, "shares", noted)
    preprocess.main("toy")
    assert sum(read().counts["train"]) > 1_000
