"""A file of the user's own: what of it arrives, and what is said where it cannot."""

import hashlib
from pathlib import Path

import pytest

from stages.core import folders
from stages.core.blocks import NOTHING, Dataset, Holdout
from stages.core.errors import UserError
from stages.sourcing import given, own
from tests.misbehaving import CONTENT, NAME, Server, reply

HOLDOUT = Holdout(seed=0, val=0.2, test=0.2)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def fetch(tmp_path: Path, *, path: str | Path = "", url: str = "", sha256: str = "") -> Path:
    with folders.filling(tmp_path / "raw") as folder:
        own.fetch(folder, path=str(path), url=url, sha256=sha256, source="toy")
    return tmp_path / "raw"


def test_a_file_is_copied_under_its_name(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_bytes(b"1,2\n")
    file.chmod(0o444)
    copy = own.only_file(fetch(tmp_path, path=file))
    assert (copy.name, copy.read_bytes()) == ("mine.csv", b"1,2\n")


def test_a_folder_is_copied_whole_but_for_hidden_files(tmp_path: Path) -> None:
    hidden = ("mine/.hidden", "mine/.git/config", "mine/deep/Thumbs.db", "mine/__MACOSX/deep/b.txt")
    for name in ("mine/a.txt", "mine/deep/b.txt", *hidden):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    raw = fetch(tmp_path, path=tmp_path / "mine")
    copied = {path.relative_to(raw).as_posix() for path in raw.rglob("*") if path.is_file()}
    assert copied == {"a.txt", "deep/b.txt"}


def test_a_link_to_a_folder_is_refused_by_name_where_it_is_not_hidden(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/.hidden").symlink_to(tmp_path / "elsewhere")
    assert not list(fetch(tmp_path, path=tmp_path / "mine").iterdir())
    (tmp_path / "mine/cats").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UserError, match=r"mine/cats must be a folder itself, got a link to one$"):
        fetch(tmp_path, path=tmp_path / "mine")


def test_an_address_is_downloaded_and_held_against_its_checksum(server: Server, tmp_path: Path) -> None:
    raw = fetch(tmp_path, url=f"{server.url}/some/{NAME}?version=2", sha256=SHA256)
    assert own.only_file(raw).read_bytes() == CONTENT
    assert own.only_file(raw).name == NAME


def test_a_download_is_called_as_its_address_reads(server: Server, tmp_path: Path) -> None:
    raw = fetch(tmp_path, url=f"{server.url}/my%20{NAME}", sha256=SHA256)
    assert own.only_file(raw).name == f"my {NAME}"


def test_another_file_at_the_address_is_refused(server: Server, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=rf"^toy: cannot fetch {NAME} from .*: sha256 must be 0{{64}}, got "):
        fetch(tmp_path, url=f"{server.url}/{NAME}", sha256="0" * 64)


def test_an_empty_file_is_refused(server: Server, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").touch()
    server.behaviours = [lambda handler: reply(handler, b"", length=0)]
    rule = "must be a file that holds something, got"
    with pytest.raises(ValueError, match=rf"^path {rule} '.*/mine.csv', which is empty$"):
        fetch(tmp_path, path=tmp_path / "mine.csv")
    with pytest.raises(ValueError, match=rf"^url {rule} '{server.url}/x.csv', which is empty$"):
        fetch(tmp_path, url=f"{server.url}/x.csv", sha256=hashlib.sha256(b"").hexdigest())
    assert not (tmp_path / "raw").exists()


URL = "http://data.example/x.csv"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "url must be an address, as no path of your own is set for toy, got ''"),
        ({"path": "x.csv", "url": URL}, f"url must not be given beside path ('x.csv'), got '{URL}'"),
        (
            {"path": "x.csv", "sha256": SHA256},
            f"sha256 must not be given beside path ('x.csv'), got '{SHA256}'",
        ),
        ({"url": URL}, "sha256 must be the 64 hex digits that go with url, got ''"),
        (
            {"url": "ftp://a/b", "sha256": SHA256},
            "url must be the http(s) address of a file, got 'ftp://a/b'",
        ),
        (
            {"url": "http://data.example/", "sha256": SHA256},
            "url must be the http(s) address of a file, got 'http://data.example/'",
        ),
    ],
)
def test_what_does_not_go_together_is_refused(tmp_path: Path, given: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError) as error:
        fetch(tmp_path, **given)
    assert str(error.value) == said
    assert not (tmp_path / "raw").exists()


def test_a_path_that_leads_nowhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^path must be a file or folder that is there, got 'no/such'$"):
        fetch(tmp_path, path="no/such")


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("data/photo", "; did you mean 'data/photos'?"),
        ("./data/PHOTO", "; did you mean 'data/photos'?"),
        ("data/review", "; did you mean 'data/REVIEWS'?"),
        ("data/pictures", ""),
        ("dat/photos", "; there is no folder 'dat' either"),
    ],
)
def test_beside_a_path_of_a_block_that_leads_nowhere_the_nearest_alone_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("photos", "digits", "REVIEWS"):
        (tmp_path / "data" / name).mkdir(parents=True)
    block = Dataset(source="image_folder", path=path, fetch={}, split=HOLDOUT)
    with pytest.raises(UserError) as error:
        own.check_path(own.fetch, block, at="datasets.toy")
    rule = "datasets.toy.path must be a file or folder that is there"
    assert str(error.value) == f"{rule}, got '{path}'{told}"


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ((), "got 0$"),
        ((*"abcd",), "got 4: a, b, c, …; set `path` to one of these files$"),
        (("b", "a"), "got 2: a, b; set `path` to one of these files$"),
    ],
)
def test_one_file_is_one_file(tmp_path: Path, names: tuple[str, ...], said: str) -> None:
    for name in names:
        (tmp_path / name).touch()
    with pytest.raises(UserError, match=rf"must hold one file, {said}"):
        own.only_file(tmp_path)


def test_what_is_wrong_with_a_copy_is_told_of_the_original(tmp_path: Path) -> None:
    told = r"^datasets\.toy: photos/mine/cats must hold pictures, got none$"
    with (
        pytest.raises(UserError, match=told),
        given.as_given(tmp_path / "raw", "photos/mine/", at="datasets.toy"),
    ):
        raise UserError(f"{tmp_path / 'raw' / 'cats'} must hold pictures, got none")


@pytest.mark.parametrize(
    ("fetch", "named"),
    [({"url": "http://a/photos.zip"}, "http://a/photos.zip"), ({}, "image_folder")],
)
def test_what_is_wrong_with_a_download_is_told_of_its_address_or_source(
    tmp_path: Path, fetch: dict[str, str], named: str
) -> None:
    def broken(folder: Path, *, url: str = "") -> None:
        raise UserError(f"{folder / 'cats'} must hold files")

    block = Dataset(source="image_folder", path=NOTHING, fetch=fetch, split=HOLDOUT)
    with pytest.raises(UserError) as error:
        own.call(broken, tmp_path / "photos.part", block, at="datasets.photos")
    assert str(error.value) == f"datasets.photos: {named}/cats must hold files"


def test_what_is_said_of_a_copy_is_said_of_the_original_until_it_is_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with given.as_given(tmp_path, "photos/mine", at="datasets.toy"):
        given.say(f"{tmp_path}/cats: empty")
    given.say(f"{tmp_path}/cats: empty")
    assert capsys.readouterr().out == f"photos/mine/cats: empty\n{tmp_path}/cats: empty\n"


def test_what_names_its_place_in_the_params_is_left_so_and_the_path_stands_in_the_block_itself() -> None:
    told = r"^datasets\.toy\.path must be a folder, got 'x'$"
    with pytest.raises(UserError, match=told), given.as_given(Path("raw"), "x", at="datasets.toy"):
        raise UserError("datasets.toy.fetch.path must be a folder, got 'x'")
