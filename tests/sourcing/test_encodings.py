"""A text that is not of the encoding it is said to have: what is told names one that reads it."""

from pathlib import Path

import pytest

from stages.datasets import text_csv, text_lines
from stages.sourcing import encodings

TEXT = "the café, “fine” – for 5 €"


@pytest.mark.parametrize(
    ("content", "said", "told"),
    [
        (TEXT.encode("cp1252"), "utf-8", "cp1252 it reads 'the café, “fine” – for 5 €'"),
        (TEXT.encode("cp1252"), "ascii", "cp1252 it reads 'the café, “fine” – for 5 €'"),
        (TEXT.encode(), "ascii", "utf-8 it reads 'the café, “fine” – for 5 €'"),
        (TEXT.encode("utf-16"), "utf-8", "utf-16 it reads 'the café, “fine” – f'"),
        (b"caf\xe9 \x81", "utf-8", r"latin-1 it reads 'café \x81'"),  # which cp1252 does not have
        (TEXT.encode() + b"\xe2\x82", "ascii", "utf-8 it reads 'the café, “fine” – for 5 €'"),  # cut within €
        (
            b"caf\xc3",
            "utf8",
            "cp1252 it reads 'cafÃ'",
        ),  # what it is not is not offered, whatever it is called
    ],
)
def test_an_encoding_is_offered_that_reads_what_is_there(content: bytes, said: str, told: str) -> None:
    with pytest.raises(UnicodeDecodeError) as caught:
        content.decode(said)
    message = str(encodings.mistaken(said, Path("raw/own.csv"), caught.value))
    assert message.startswith(f"encoding must be that of own.csv, got {said!r}; byte 0x")
    assert message.endswith(f"; as {told}") and "\n" not in message


def test_a_file_of_windows_is_read_once_it_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(TEXT.encode("cp1252"))
    (tmp_path / "b.txt").write_bytes(b"plain")
    with pytest.raises(ValueError, match=r"; as cp1252 it reads 'the café"):
        text_lines.prepare(tmp_path)
    assert list(text_lines.prepare(tmp_path, encoding="cp1252").train.x) == [TEXT, "plain"]


@pytest.mark.parametrize("rows", [1, 20_000])
def test_a_table_of_windows_is_told_wherever_its_first_letter_beyond_ascii_stands(
    tmp_path: Path, rows: int
) -> None:
    lines = ["text,label", *["plain,a"] * rows, f'"{TEXT}",b', *["plain,b"] * rows]
    (tmp_path / "own.csv").write_bytes("\n".join(lines).encode("cp1252"))
    with pytest.raises(ValueError, match=r"; as cp1252 it reads '.*the café"):
        text_csv.prepare(tmp_path, text="text", label="label")
