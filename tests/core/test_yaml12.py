"""YAML as DVC reads it."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from stages.core import yaml12
from stages.core.errors import UserError


def read(folder: Path, text: str | bytes) -> object:
    file = folder / "params.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return yaml12.load(file)


SCALARS = """0 -3 +3 010 1e-5 1e-05 1E5 1e+05 1. .5 -.5 1.5e3 0.001 1.5.2 .inf -.INF 1e e5
true True FALSE tRUE yes No on off y null ~ NULL nUll 1:30 '1' "true" a-b é"""


@pytest.mark.parametrize("scalar", [*SCALARS.split(), "", "1 # one", "a b"])
def test_a_value_is_read_as_dvc_reads_it(tmp_path: Path, scalar: str) -> None:
    text = f"key: {scalar}\nkeys:\n  - {scalar}\n"
    ours, theirs = read(tmp_path, text), YAML(typ="safe").load(text)
    assert repr(ours) == repr(theirs)


@pytest.mark.parametrize("value", [1e-05, 1e20, 1e-300, 123456789.125, -0.0])
def test_a_number_comes_back_as_dvc_wrote_it(tmp_path: Path, value: float) -> None:
    with (tmp_path / "written.yaml").open("w") as file:
        YAML().dump({"key": value}, file)
    assert repr(yaml12.load(tmp_path / "written.yaml")) == repr({"key": value})


@pytest.mark.parametrize("text", ["0x10", "0o17", "0b1", "1_000", "2001-01-01"])
def test_a_number_in_another_notation_is_text_and_so_no_number_of_ours(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, f"key: {text}") == {"key": text}


def test_not_a_number_is_read_as_such_and_left_for_the_check_to_refuse(tmp_path: Path) -> None:
    value = read(tmp_path, "key: .nan")["key"]  # type: ignore[index]
    assert value != value


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: 1\nb: 2\na: 3", "line 3: the key 'a' stands twice"),
        ("a:\n  b: 1\n  b: 1", "line 3: the key 'b' stands twice"),
        ("1: a", "line 1: a key must be text"),
        ("a:\n  true: 1", "line 2: a key must be text"),
        ("? [a]\n: 1", "line 1: a key must be text"),
        ("a:\n\t- 1", "start any token; indent by spaces, never by tabs"),
        ("a: @b", "line 1: found character '@' that cannot start any token; quotes go round a text"),
        (
            "a:\n  b:1\n  c: 2",
            "line 3: mapping values are not allowed here; keys of a block stand equally far",
        ),
        ("a: 1\nb:2", "line 2: could not find expected ':'; keys of a block stand equally far in, a space"),
        ("a:\n  b: 1\n c: 2", "line 3: expected <block end>, but found"),
        ("a: [1, 2", "expected ',' or ']'"),
        ("a: b: c", "line 1: mapping values are not allowed here"),
        ("a: 'b", "found unexpected end of stream"),
        ("a: 1\n---\nb: 2", "but found another document"),
        ("a: &x 1\nb: 2", "line 1: anchors"),
        ("a: 1\nb: *x", "line 2: anchors"),
        ("a: &x [*x]", "line 1: anchors"),
        ("a: !!int x", "line 1: anchors, aliases and tags"),
        ("a: !!python/name:os.system", "line 1: anchors, aliases and tags"),
        (b"a: \xff", "can't decode"),
        (b"\xff\xfea\x00", "can't decode"),
        ("a: \x07", "special characters are not allowed"),
        ('a: "\\ud800"', "surrogates not allowed"),
        ('a: "\\UFFFFFFFF"', "too large"),
        ("a: " + "9" * 9999, "Exceeds the limit"),
        ("[" * 9999, "recursion"),
    ],
)
def test_what_is_no_yaml_of_ours_is_told_on_one_line(tmp_path: Path, text: str | bytes, told: str) -> None:
    with pytest.raises(UserError) as caught:
        read(tmp_path, text)
    assert told in str(caught.value)
    assert str(caught.value).startswith(f"{tmp_path / 'params.yaml'} must be YAML")
    assert "\n" not in str(caught.value)


def test_a_merge_key_is_a_key_like_any_other(tmp_path: Path) -> None:
    assert read(tmp_path, "<<: {a: 1}\nb: 2") == {"<<": {"a": 1}, "b": 2}


def test_a_missing_file_is_told_with_where_stages_run(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"nothing.yaml is missing: stages run from the project's root"):
        yaml12.load(tmp_path / "nothing.yaml")


def test_a_folder_in_the_place_of_the_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        yaml12.load(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "a: &b 1",
            "a: *b",
            "a: !b 1",
            "a: ! 1",
            "a: !!int 1",
            "- &b 1",
            "[*b]",
            "{a: *b}",
            "[a,*b]",
            "&b a: 1",
        ),
        *('{"a":*b}', "? !b c", "&b\na: 1", "a:\n  !b\n  c: 1", "a: [1, &b 2]", "--- !b\na: 1"),
    ],
)
def test_no_anchor_alias_or_tag_is_read_wherever_it_stands(tmp_path: Path, text: str) -> None:
    with pytest.raises(UserError, match="anchors, aliases and tags are not read here"):
        read(tmp_path, text)


def test_the_quick_way_reads_what_the_careful_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    file = Path(__file__).parents[2] / "params.yaml"
    quick = yaml12.load(file)
    monkeypatch.setattr(yaml12, "_Quick", yaml12._Careful)
    assert repr(yaml12.load(file)) == repr(quick)
