"""Pictures of the user's own: how folders may be laid out, and what is said where they are not."""

import hashlib
import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stages.core import folders, rooms
from stages.core.blocks import Holdout
from stages.core.errors import UserError
from stages.core.spec import Images
from stages.datasets import image_folder
from stages.sourcing import cores, fetching, pictures
from stages.sourcing.examples import Examples
from stages.sourcing.pictures import Form
from tests import photos
from tests.photos import BROKEN, photo
from tests.samples import ROOT
from tests.sourcing.test_unpacking import tarred, zipped

MIRROR = Path(os.environ.get("DATA_MIRROR", ROOT.parent / "shared/data")).resolve()
SMALL = {"side": 8}
TWO = {"ants": 3, "bees": 2}


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def fetch(tmp_path: Path, files: dict[str, bytes]) -> Path:
    own = photos.write(tmp_path / "mine", files)
    with folders.filling(tmp_path / "raw") as folder:
        image_folder.fetch(folder, path=str(own))
    return tmp_path / "raw"


def read(tmp_path: Path, files: dict[str, bytes], **asked: Any) -> Examples:
    raw = fetch(tmp_path, files)
    found = rooms.call(image_folder.prepare, raw, arguments=SMALL | asked, at="toy.prepare")
    assert isinstance(found, Examples)
    return found


def splits(**seeds: int) -> dict[str, bytes]:
    """A folder for each split, with photos that no other has."""
    made = [photos.folders(TWO, seed=seed, around=f"{name}/") for name, seed in seeds.items()]
    return {path: content for files in made for path, content in files.items()}


def test_without_splits_every_folder_is_a_class(tmp_path: Path) -> None:
    found = read(tmp_path, photos.folders(TWO))
    assert found.classes == ("ants", "bees")
    assert found.train.y.tolist() == [0, 0, 0, 1, 1]
    assert found.train.x.shape == (5, 3, 8, 8)
    assert (found.val, found.test) == (None, None)


def test_pictures_go_by_their_names_and_have_the_labels_of_their_folders(tmp_path: Path) -> None:
    named = {"bees/b.png": photo(seed=1), "ants/z.jpg": photo(seed=2), "ants/a.jpg": photo(seed=3)}
    found = read(tmp_path, named)
    for row, seed in enumerate((3, 2, 1)):
        alone = pictures.decode(photo(seed=seed), Form(8, "crop", 3))
        np.testing.assert_array_equal(found.train.x[row : row + 1], alone[None])
    assert found.train.y.tolist() == [0, 0, 1]


@pytest.mark.parametrize("parts", [("train", "val", "test"), ("train", "test"), ("train", "val"), ("train",)])
def test_a_folder_of_a_split_is_that_split(tmp_path: Path, parts: tuple[str, ...]) -> None:
    found = read(tmp_path, splits(**{name: 10 * place for place, name in enumerate(parts)}))
    assert list(found.parts) == list(parts)
    for place, name in enumerate(parts):
        alone = read(tmp_path / name, photos.folders(TWO, seed=10 * place)).train
        np.testing.assert_array_equal(found.parts[name].x, alone.x)
        np.testing.assert_array_equal(found.parts[name].y, alone.y)


def test_val_can_be_the_test_split_and_folders_can_have_other_names(tmp_path: Path) -> None:
    judged = read(tmp_path / "a", splits(train=0, val=10), test="val")
    assert list(judged.parts) == ["train", "test"]
    named = read(
        tmp_path / "b", splits(training=0, valid=10, held=20), train="training", val="valid", test="held"
    )
    assert list(named.parts) == ["train", "val", "test"]
    np.testing.assert_array_equal(judged.parts["test"].x, named.parts["val"].x)


def test_size_fit_and_channels_are_followed(tmp_path: Path) -> None:
    found = read(tmp_path, photos.folders(TWO), side=6, fit="pad", channels=1)
    assert found.train.x.shape == (5, 1, 6, 6)
    assert found.reading == Form(6, "pad", 1).reading
    assert np.asarray(found.train.x)[0, 0, 0].min() == 255


LAYOUTS: dict[str, tuple[dict[str, bytes], dict[str, Any], str]] = {
    "a name that is not there": (
        splits(train=0, test=10),
        {"test": "tset"},
        r"^toy.prepare.test must be a folder of the data set, got 'tset'; did you mean 'test'\?$",
    ),
    "a name without splits": (
        photos.folders(TWO),
        {"val": "validation"},
        r"^toy.prepare.val must be a folder of the data set, got 'validation'; known: ants, bees$",
    ),
    "no train": (
        splits(training=0, test=10),
        {},
        r"^toy.prepare.train must be a folder of the data set, got 'train'; did you mean 'training'\?$",
    ),
    "test on train": (
        splits(train=0, val=10),
        {"test": "train"},
        r"^toy.prepare.train must be another folder than val and test, got 'train'$",
    ),
    "outside": (
        splits(train=0, val=10),
        {"test": "../mine/val"},
        r"^toy.prepare.test must be a folder of the data set, got '../mine/val'; ",
    ),
    "no name": (splits(train=0), {"test": ""}, r"^toy.prepare.test must be a folder of the data set, got ''"),
    "a folder beside": (
        splits(train=0, validation=10),
        {},
        r"/raw must hold no folders but those of train, val and test, got 'validation' beside 'train'; "
        r"where a folder is a split, name it in prepare, as in `val: validation`$",
    ),
    "a class that train lacks": (
        splits(train=0, test=10) | {"test/wasps/1.jpg": photo()},
        {},
        r"/raw/test must hold the classes of train, got 'wasps' too$",
    ),
    "a class that val lacks": (
        splits(train=0) | {"train/wasps/1.jpg": photo()} | photos.folders(TWO, around="val/"),
        {},
        r"/raw/val must hold the classes of train, got no 'wasps'$",
    ),
    "one class": (
        photos.folders({"ants": 3}),
        {},
        r"/raw must hold folders of two classes at least, got 1 \('ants'\)$",
    ),
    "no class": (
        {f"{n}.jpg": photo() for n in range(4)},
        {},
        r"/raw must hold a folder for each class, got none, but files: 4 \('0.jpg', '1.jpg', '2.jpg', …\)$",
    ),
    "nothing": (
        {".hidden/1.jpg": photo()},
        {},
        r"/raw must hold a folder for each class, got none, but files: 0$",
    ),
    "a folder in a class": (
        photos.folders(TWO) | {"bees/old/1.jpg": photo()},
        {},
        r"/raw/bees must hold the files of a class alone, no folders, got 1 \('old'\); where a ",
    ),
    "classes in folders": (
        splits(summer=0, winter=10),
        {},
        r"/raw/summer must hold the files of a class alone, no folders, got 2 \('ants', 'bees'\); ",
    ),
    "a name that nobody sees": (
        photos.folders({"ants": 1, "be\nes": 1}),
        {},
        r"/raw must hold folders of a printable name, got 'be\\nes'$",
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_is_not_laid_out_so_is_refused(tmp_path: Path, layout: str) -> None:
    files, asked, said = LAYOUTS[layout]
    with pytest.raises(UserError) as caught:
        read(tmp_path, files, **asked)
    assert re.search(said, str(caught.value)), caught.value


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    files = photos.folders(TWO, around="train/")
    (tmp_path / "mine/train/wasps").mkdir(parents=True)
    said = r"/train/wasps must hold files or be taken away, got an empty folder$"
    with pytest.raises(UserError, match=said):
        fetch(tmp_path, files)
    assert not (tmp_path / "raw").exists()


def test_a_class_of_hidden_files_alone_is_empty_too(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"/wasps must hold files"):
        fetch(tmp_path, photos.folders(TWO) | {"wasps/.DS_Store": b""})


def test_what_systems_leave_among_pictures_is_not_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    left = {f"{at}{name}": b"" for at in ("", "ants/") for name in ("Thumbs.db", "desktop.ini", ".DS_Store")}
    found = read(tmp_path, photos.folders(TWO) | left | {"__MACOSX/ants/._1.jpg": b""})
    assert (found.classes, len(found.train.y)) == (("ants", "bees"), 5)
    assert capsys.readouterr().out == ""


def test_classes_that_differ_only_in_case_or_blanks_are_told_of_once_and_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ("ants", "bees", "bees ")
    files = [photos.folders(dict.fromkeys(names, 1), around=f"{split}/") for split in ("train", "test")]
    assert read(tmp_path, files[0] | files[1]).classes == names
    assert capsys.readouterr().out == (
        f"{tmp_path}/raw: classes apart, though they read alike: 'bees' and 'bees '\n"
    )


def test_a_link_that_leads_nowhere_is_told(tmp_path: Path) -> None:
    photos.write(tmp_path / "mine", photos.folders(TWO))
    (tmp_path / "mine/ants/lost.jpg").symlink_to("nowhere")
    with pytest.raises(UserError, match=r"^cannot read .*/ants/lost.jpg: No such file"):
        fetch(tmp_path, {})


def test_files_of_no_class_are_not_read_and_this_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    beside = {"LICENSE": b"", "train/notes.txt": b"", "train/ants/.hidden": b"", ".git/config": b""}
    found = read(tmp_path, splits(train=0, test=10) | beside)
    assert len(found.train.y) == 5
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        f"{tmp_path}/raw: not read, as they lie in the folder of no class: 1 ('LICENSE')",
        f"{tmp_path}/raw/train: not read, as they lie in the folder of no class: 1 ('notes.txt')",
    ]


WRONG = {f"ants/{name}.jpg": content for name, (content, _) in BROKEN.items()}


def test_broken_files_are_refused_by_name_with_their_count(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        read(tmp_path, photos.folders(TWO) | WRONG)
    assert str(caught.value).startswith(
        f"{tmp_path}/raw must hold pictures that can be read, or else `broken: skip` leaves them out, got "
        f"{len(WRONG)} of {len(WRONG) + 5} files that cannot: 'ants/bomb.jpg' (Image size (900000000 pixels)"
    )
    assert str(caught.value).endswith("'ants/wide.jpg' (numbers of 32 bits have no white)")


@pytest.mark.parametrize("count", [20, 21])
def test_of_broken_files_twenty_are_named_to_be_mended_at_once(tmp_path: Path, count: int) -> None:
    with pytest.raises(UserError) as caught:
        read(tmp_path, photos.folders(TWO) | {f"ants/empty{n}.jpg": b"" for n in range(count)})
    assert str(caught.value).count("(empty)") == 20
    assert str(caught.value).endswith(", …") is (count > 20)


def test_broken_files_are_skipped_only_where_this_is_asked_for_and_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = read(tmp_path / "a", photos.folders(TWO) | WRONG, broken="skip")
    clean = read(tmp_path / "b", photos.folders(TWO))
    np.testing.assert_array_equal(found.train.x, clean.train.x)
    np.testing.assert_array_equal(found.train.y, clean.train.y)
    (line,) = capsys.readouterr().out.splitlines()
    assert (
        f": {len(WRONG)} of {len(WRONG) + 5} files left out, as they cannot be read: 'ants/bomb.jpg' ("
        in line
    )


@pytest.mark.parametrize("part", ["train", "test"])
def test_a_class_of_which_nothing_can_be_read_is_refused(tmp_path: Path, part: str) -> None:
    files = splits(train=0, test=10)
    files = {name: b"" if name.startswith(f"{part}/bees") else content for name, content in files.items()}
    with pytest.raises(UserError, match=rf"/raw: of 'bees' in {part} no picture can be read$"):
        read(tmp_path, files, broken="skip")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"side": 0}, "side must be greater than or equal to 1, got 0"),
        ({"side": 5000}, "side must be less than or equal to 4096, got 5000"),
        ({"side": 8.5}, "side must be a valid integer, got 8.5"),
        ({"fit": "stretch"}, "fit must be 'crop', 'squash' or 'pad', got 'stretch'"),
        ({"channels": 4}, "channels must be 3 or 1, got 4"),
        ({"broken": "ignore"}, "broken must be 'refuse' or 'skip', got 'ignore'"),
        ({"sides": 8}, "sides is not known; did you mean 'side'?"),
    ],
)
def test_an_argument_out_of_range_is_told_by_its_path(
    tmp_path: Path, asked: dict[str, Any], told: str
) -> None:
    with pytest.raises(UserError) as caught:
        rooms.call(image_folder.prepare, tmp_path, arguments=asked, at="toy.prepare")
    assert str(caught.value) == f"toy.prepare.{told}"


def encode(examples: Examples, **asked: Any) -> tuple[Images, dict[str, bytes]]:
    rule = Holdout(seed=0, val=0.2, test=0.3)
    found = image_folder.encode(examples, rule, "toy", **asked)
    parts = {
        name: bytes(np.asarray(part["x"]).data) + bytes(part["y"].data) for name, part in found.splits.items()
    }
    return Images(dataset="toy", source="image_folder", sha256={}, **found.facts, **found.measure()), parts


def test_imbalance_stands_in_the_facts(tmp_path: Path) -> None:
    facts, _ = encode(read(tmp_path, photos.folders({"ants": 40, "bees": 10})))
    assert facts.counts == {"train": (20, 5), "val": (8, 2), "test": (12, 3)}


def test_the_same_bytes_come_of_any_number_of_cores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files, made = photos.folders({"ants": 12, "bees": 20}), []
    for count in (1, 2):
        monkeypatch.setattr(cores, "count", lambda count=count: count)
        made.append(encode(read(tmp_path / str(count), files)))
    assert made[0] == made[1]


def test_an_own_val_folder_is_not_cut_from_train(tmp_path: Path) -> None:
    found = read(tmp_path, splits(train=0, val=10, test=20))
    _, parts = encode(found)
    assert parts == {
        name: bytes(np.asarray(part.x).data) + bytes(part.y.data) for name, part in found.parts.items()
    }


@pytest.mark.parametrize(("name", "pack"), [("x.zip", zipped), ("x.tar.gz", tarred)])
@pytest.mark.parametrize("around", ["", "photos/"])
def test_an_archive_of_ones_own_is_unpacked(tmp_path: Path, name: str, pack: Any, around: str) -> None:
    files = splits(train=0, val=10)
    (tmp_path / name).write_bytes(pack({around + path: content for path, content in files.items()}))
    with folders.filling(tmp_path / "raw") as folder:
        image_folder.fetch(folder, path=str(tmp_path / name))
    raw = tmp_path / "raw"
    assert {p.relative_to(raw).as_posix(): p.read_bytes() for p in raw.rglob("*") if p.is_file()} == files


def test_an_archive_comes_from_the_mirror_and_is_held_against_its_checksum(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = zipped(photos.folders(TWO))
    photos.write(tmp_path / "mirror/image_folder", {"ants.zip": content})
    monkeypatch.setenv(fetching.MIRROR, str(tmp_path / "mirror"))
    asked = {"url": "http://127.0.0.1:9/ants.zip", "sha256": hashlib.sha256(content).hexdigest()}
    with folders.filling(tmp_path / "raw") as folder:
        image_folder.fetch(folder, **asked)
    assert sorted(path.name for path in (tmp_path / "raw").iterdir()) == ["ants", "bees"]


@pytest.mark.skipif(not (MIRROR / "hymenoptera").is_dir(), reason="the mirror has no photos of ants and bees")
def test_real_photos_come_with_the_official_test_split(tmp_path: Path) -> None:
    with folders.filling(tmp_path / "raw") as folder:
        image_folder.fetch(folder, path=str(MIRROR / "hymenoptera"))
    found = image_folder.prepare(tmp_path / "raw", side=32, test="val")
    assert found.classes == ("ants", "bees")
    facts, _ = encode(found)
    assert facts.size("train") + facts.size("val") == 244
    assert facts.counts["test"] == (70, 83)
    assert all(0.2 < mean < 0.7 for mean in facts.mean)
