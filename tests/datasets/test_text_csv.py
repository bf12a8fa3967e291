"""A CSV file of the user's own, in all the ways it can be written and broken."""

import bz2
import gzip
import io
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from stages.core import folders, rooms
from stages.core.errors import UserError
from stages.datasets import text_csv
from stages.sourcing.examples import Examples

CONTENT = b'label,text\ngood,"fine, ""really"""\nbad,NA\n good ,\nbad,"two\nlines"\n'


def read(tmp_path: Path, content: bytes, *, name: str = "x.csv", **options: str) -> Examples:
    (tmp_path / name).write_bytes(content)
    with folders.filling(tmp_path / "raw") as folder:
        text_csv.fetch(folder, path=str(tmp_path / name))
    return text_csv.prepare(tmp_path / "raw", **{"text": "text", "label": "label"} | options)


def zipped(content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("x.csv", content)
    return file.getvalue()


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "x.csv": bytes,
    "x.csv.gz": gzip.compress,
    "x.csv.bz2": bz2.compress,
    "x.csv.xz": lzma.compress,
    "x.csv.zip": zipped,
}


@pytest.mark.parametrize("name", PACKED)
def test_texts_and_labels_come_as_they_are_written_packed_or_not(tmp_path: Path, name: str) -> None:
    examples = read(tmp_path, PACKED[name](CONTENT), name=name)
    assert examples.classes == ("bad", "good")
    assert list(examples.train.x) == ['fine, "really"', "NA", "", "two\nlines"]
    assert examples.train.y.tolist() == [1, 0, 1, 0]
    assert examples.test is None


def test_a_separator_an_encoding_and_names_of_columns_are_followed(tmp_path: Path) -> None:
    content = "stars;id;review\n5;0;café – …\n1;1;x, y\n".encode("windows-1252")
    options = {"separator": ";", "encoding": "windows-1252", "text": "review", "label": "stars"}
    examples = read(tmp_path, content, **options)
    assert (examples.classes, list(examples.train.x)) == (("1", "5"), ["café – …", "x, y"])


def test_columns_without_a_name_are_none_that_is_named_twice(tmp_path: Path) -> None:
    examples = read(tmp_path, b"label,text,,\ngood,fine,,\nbad,dull,1,2\n")
    assert list(examples.train.x) == ["fine", "dull"]


def test_a_byte_order_mark_is_no_part_of_a_name(tmp_path: Path) -> None:
    assert read(tmp_path, "text,label\na,b\nc,d\n".encode("utf-8-sig")).classes == ("b", "d")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"text": "texts"}, r"^text must be a column of x.csv, got 'texts'; did you mean 'text'\?$"),
        ({"label": "text"}, r"^label must be another column than text, got 'text'$"),
        ({"label": "y"}, r"^label must be a column of x.csv, got 'y'; known: label, text$"),
        (
            {"separator": ";"},
            r"^separator .* must be \",\" for x.csv, whose header is 'label,text', got ';'$",
        ),
        ({"encoding": "utf-88"}, r"^encoding must be that of x.csv, got 'utf-88'; unknown encoding: utf-88$"),
        ({"encoding": "utf\0"}, r"^encoding must be that of x.csv, got 'utf\\x00'; embedded null"),
        ({"encoding": ""}, r"^encoding must be that of x.csv, got ''; unknown encoding: $"),
        ({"encoding": "utf-16"}, r"^encoding must be that of x.csv, got 'utf-16'; "),
    ],
)
def test_an_argument_that_does_not_fit_the_file_is_refused(
    tmp_path: Path, options: dict[str, str], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        read(tmp_path, CONTENT, **options)


@pytest.mark.parametrize("rows", ["a, x;b\nc, y;d\n", "a;b\nc, y, z;d\n", 'a "x, y";b\n'])
def test_the_separator_is_told_even_where_it_stands_in_the_texts_of_rows(tmp_path: Path, rows: str) -> None:
    said = r"^separator \(',' where none is set\) must be \";\" for x.csv, whose header is 't;l', got ','$"
    with pytest.raises(ValueError, match=said):
        read(tmp_path, f"t;l\n{rows}".encode(), text="t", label="l")


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ("semicolon", '; did you mean ";"?'),
        ("Tab", '; did you mean "\\t"?'),
        ("\\t", '; did you mean "\\t"?'),
        (";;", ""),
        ("", ""),
    ],
)
def test_a_separator_by_its_name_is_told_the_sign(tmp_path: Path, given: str, hint: str) -> None:
    said = f'at.separator must be one sign, such as ";" or "\\t", got {given!r}{hint}'
    arguments = {"text": "text", "label": "label", "separator": given}
    with pytest.raises(UserError) as caught:
        rooms.call(text_csv.prepare, tmp_path, arguments=arguments, at="at")
    assert str(caught.value) == said


def test_labels_that_differ_only_in_case_are_told_of_in_one_line_and_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    examples = read(tmp_path, b"text,label\na,Tech\nb, tech\nc,art\n")
    assert examples.classes == ("Tech", "art", "tech")
    told = "x.csv: classes apart, though they read alike: 'Tech' and 'tech'\n"
    assert capsys.readouterr().out == told


def test_blank_lines_are_no_texts(tmp_path: Path) -> None:
    examples = read(tmp_path, b"text,label\n\na,x\n \t\nb,y\n\n")
    assert (list(examples.train.x), examples.train.y.tolist()) == (["a", "b"], [0, 1])


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_a_byte_that_is_none_of_the_encoding_is_named_with_what_stands_around_it(
    tmp_path: Path, encoding: str
) -> None:
    content = b"text,label\nfine,a\nthe caf\xe9 scene,b\n"
    said = rf"encoding must be that of x.csv, got '{encoding}'; byte 0xe9 in b'.*the caf\\xe9 scene.*': "
    with pytest.raises(ValueError, match=said):
        read(tmp_path, content, encoding=encoding)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xef\xbb\xbf", "x.csv must begin with a header, got an empty file"),
        (b"text,label\n", "x.csv must hold rows, got a header alone"),
        (
            b"text,label\na,b\nc,d,e\n",
            "x.csv must be a table, the columns of each row parted by ',' as those of the header: "
            'Expected 2 fields in line 3, saw 3; a text with that sign in it stands in quotes, as "one, two"',
        ),
        (b"text,label\na,b,c\nd,e,f\n", "x.csv must be a table, .*: rows are longer than the header; "),
        (b'text,label\n"a,b\nc,d\n', "x.csv must be a table, .*: EOF inside string"),
        (
            b"text,label\na,b\nc, \nd\n",
            r"x.csv, row 3 \(the header is row 1\) must have a 'label', got none, ",
        ),
        (
            b'text,label\n"a\nb",b\nc,\n',
            r"x.csv, row 3 \(the header is row 1\) must have a 'label', got none$",
        ),
        (
            b"text,label\na,x\n\n\nb,\n",
            r"x.csv, row 5 \(the header is row 1\) must have a 'label', got none$",
        ),
        (b"text,label\n\n\n", "x.csv must hold two classes at least, got none"),
        (b"\ntext,label\na,x\n", "x.csv must begin with a header, got a blank line"),
        (b"text,label,text\na,b,c\n", "x.csv must name each column once in its header, got 'text' twice$"),
        (b"text,label\na,b\nc,b \n", "x.csv must hold two classes at least, got b"),
    ],
)
def test_a_file_that_is_no_table_of_labelled_texts_is_refused(
    tmp_path: Path, content: bytes, said: str
) -> None:
    with pytest.raises(UserError, match=f"^{said}"):
        read(tmp_path, content)


@pytest.mark.parametrize("name", [name for name in PACKED if name != "x.csv"])
@pytest.mark.parametrize("broken", [lambda packed: b"not packed", lambda packed: packed[: len(packed) // 2]])
def test_a_file_that_is_not_packed_as_its_name_says_is_refused(
    tmp_path: Path, name: str, broken: Callable[[bytes], bytes]
) -> None:
    with pytest.raises(
        UserError, match=f"^{name} must be a CSV file, packed as its name says or not at all: "
    ):
        read(tmp_path, broken(PACKED[name](CONTENT * 9)), name=name)


@pytest.mark.parametrize(
    "ending", [".zst", ".tar", ".tar.gz", ".TGZ", ".tar.xz", ".7z", ".rar", ".xlsx", ".json"]
)
def test_a_file_of_another_kind_or_packed_in_another_way_is_refused_by_its_name(
    tmp_path: Path, ending: str
) -> None:
    said = rf"^x.csv{ending} must be one CSV file, packed as .gz, .bz2, .xz, .zip or not at all, got \.\w+$"
    with pytest.raises(UserError, match=said):
        read(tmp_path, CONTENT, name=f"x.csv{ending}")


@pytest.mark.parametrize("name", ["x.CSV.GZ", "v1.2.csv.gz", "x.json.gz"])
def test_only_the_ending_says_how_a_file_is_packed(tmp_path: Path, name: str) -> None:
    assert read(tmp_path, gzip.compress(CONTENT), name=name).classes == ("bad", "good")
