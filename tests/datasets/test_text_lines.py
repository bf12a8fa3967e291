"""A folder of the user's own with a file for each class."""

from pathlib import Path

import pytest

from stages.core import folders
from stages.core.errors import UserError
from stages.datasets import text_lines
from stages.sourcing.examples import Examples


def read(tmp_path: Path, *, encoding: str = "utf-8", **files: bytes) -> Examples:
    own = tmp_path / "mine"
    own.mkdir()
    for name, content in files.items():
        (own / f"{name}.txt").write_bytes(content)
    (own / "notes.md").write_text("no class")
    with folders.filling(tmp_path / "raw") as folder:
        text_lines.fetch(folder, path=str(own))
    return text_lines.prepare(tmp_path / "raw", encoding=encoding)


def test_each_line_is_a_text_of_the_class_of_its_file(tmp_path: Path) -> None:
    examples = read(tmp_path, sad=b"one\ntwo\r\n\nthree", glad=b"\xef\xbb\xbffour\n")
    assert examples.classes == ("glad", "sad")
    assert list(examples.train.x) == ["four", "one", "two", "", "three"]
    assert examples.train.y.tolist() == [0, 1, 1, 1, 1]


def test_an_encoding_is_followed(tmp_path: Path) -> None:
    examples = read(tmp_path, encoding="windows-1252", a="caf\xe9 – …".encode("windows-1252"), b=b"x")
    assert list(examples.train.x) == ["café – …", "x"]


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", r"^encoding must be that of b.txt, got 'utf-8'; byte 0xe9 in b'good\\ncaf\\xe9': "),
        ("utf\0", r"^encoding must be that of a.txt, got 'utf\\x00'; embedded null"),
        ("utf-88", r"^encoding must be that of a.txt, got 'utf-88'; unknown encoding"),
    ],
)
def test_another_encoding_is_named_with_the_byte(tmp_path: Path, encoding: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read(tmp_path, encoding=encoding, a=b"fine", b=b"good\ncaf\xe9")


def test_a_folder_with_one_class_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"must hold two classes at least, got a$"):
        read(tmp_path, a=b"one\ntwo")


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf"])
def test_a_class_without_a_text_is_refused_by_its_file(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UserError, match=r"^b.txt must hold a text, .* got an empty file$"):
        read(tmp_path, a=b"one", b=content, c=b"two")


@pytest.mark.parametrize("path", ["", "no/such", __file__])
def test_what_is_no_folder_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(ValueError, match=r"^path must be a folder of .txt files, got '"):
        text_lines.fetch(tmp_path, path=path)
