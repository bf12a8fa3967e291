"""What the files of the rooms say in their text: read right, and without importing them."""

import subprocess
import sys
from typing import Any

import pytest

from stages.core import choices, outlines
from stages.core.spec import Images, Labelled, Series, Texts
from tests import samples

BUILDING = [
    (room, name)
    for room in ("architectures", "objectives", "tasks", "classical")
    for name in sorted(choices.names(room))
]


@pytest.mark.parametrize(("room", "name"), BUILDING)
def test_what_the_text_says_that_a_file_takes_is_what_it_takes(room: str, name: str) -> None:
    kinds = {type(facts) for facts in samples.fitting(choices.load(room, name).build)}
    assert {kind for kind in samples.KINDS if issubclass(kind, outlines.takes(room, name))} == kinds != set()


def test_every_source_says_which_one_kind_of_data_it_gives() -> None:
    given = {source: outlines.gives(source) for source in choices.names("datasets")}
    assert {source for source, kinds in given.items() if len(kinds) != 1} == set()
    assert (given["mnist"], given["text_lines"], given["ett_h1"]) == ((Images,), (Texts,), (Series,))


def test_params_are_held_against_the_kinds_of_data_without_torch_or_any_file_of_a_room() -> None:
    code = (
        "import sys; from stages.core import params; params.load(); "
        f"rooms = {choices.ROOMS}; "
        "print([one for one in sys.modules if one == 'torch' or one.count('.') > 1 and "
        "one.split('.')[0] == 'stages' and one.split('.')[1] in rooms])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=samples.ROOT, check=True, capture_output=True, text=True
    )
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("def build(spec: Images, *, width: int = 3): ...", (Images,)),
        ("def build(spec: Texts | Series): ...", (Series, Texts)),
        ("def build(facts: spec.Labelled): ...", (Labelled,)),
        ("def build(spec: Spec): ...", (Images, Texts, Series)),
        ("def build(spec): ...", (object,)),
        ("def build(*, width): ...", (object,)),
        ("def build(spec: Photos): ...", (object,)),
        ("build = partial(other, 3)", (object,)),
        ("def build(spec: Images): (", (object,)),
        ("", (object,)),
    ],
)
def test_a_file_takes_the_kinds_that_build_names_and_anything_where_it_names_none(
    write: Any, text: str, kinds: tuple[type, ...]
) -> None:
    write("architectures/mine.py", text)
    assert outlines.takes("architectures", "mine") == kinds
    assert outlines.takes("architectures", "not_there") == (object,)


def test_what_a_file_has_from_another_of_ours_is_read_there(write: Any) -> None:
    write("datasets/mine.py", "from stages.sourcing.own_way import encode, fetch\n")
    write("sourcing/own_way.py", "def encode(examples, split, dataset) -> Encoded[Texts]: ...\n")
    assert outlines.gives("mine") == (Texts,)


def test_a_source_that_does_not_say_what_it_gives_is_held_against_nothing(write: Any) -> None:
    write("datasets/mine.py", "def encode(examples, split, dataset): ...\n")
    write("tasks/forecasting.py", "def build(spec: Series): ...\n")
    assert outlines.gives("mine") == ()
    assert outlines.fits((), "tasks", "forecasting")
    assert not outlines.fits((Texts,), "tasks", "forecasting")


def test_a_constant_is_read_as_it_is_written_out(write: Any) -> None:
    write("tasks/mine.py", 'ASKS = "samples"\nCOLUMNS = (MSE, 3)\n')
    assert outlines.constant("tasks", "mine", "ASKS") == "samples"
    assert outlines.constant("tasks", "mine", "COLUMNS") is None
    assert outlines.constant("tasks", "mine", "CHOICE") is None
