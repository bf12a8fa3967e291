"""Arguments in blocks of every kind: what their files do not take is told before any work."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import samples
from tests.manual import CONTENT, verdict
from tests.mutations import ABSENT, changed

WEIGHTS = {"source": "weights_file", "path": "own.pth", "fetch": {}}
BACKBONE = CONTENT["models"]["cnn"] | {"architecture": "torchvision_backbone", "hyper": {}}
STARTED = BACKBONE | {"start": "mlp", "hyper": {"side": 32}}


@pytest.mark.parametrize(
    ("path", "given", "told"),
    [
        # A name that nothing has.
        ("models.cnn.hyper.dropuot", 0.3, " is not known; did you mean 'dropout'?"),
        ("models.cnn.loss.label_smothing", 0.1, " is not known; did you mean 'label_smoothing'?"),
        ("models.cnn.measure.explian", 1, " is not known; did you mean 'explain'?"),
        ("models.perceptron.loss.margin", 1, " is not known; known: none"),
        ("baselines.pca.hyper.component", 3, " is not known; did you mean 'components'?"),
        ("baselines.pca.measure.noize", 0.3, " is not known; did you mean 'noise'?"),
        ("datasets.waves.fetch.step", 3, " is not known; did you mean 'steps'?"),
        ("datasets.digits.fetch.count", 3, " is not known; known: none"),
        ("datasets.reviews.encode.lenght", 3, " is not known; did you mean 'length'?"),
        ("pretrained.own", WEIGHTS | {"fetch": {"ulr": ""}}, ".fetch.ulr is not known; did you mean 'url'?"),
        # A name that stands elsewhere.
        (
            "models.cnn.hyper.learning_rate",
            0.1,
            " is not known; did you mean models.cnn.fit.learning_rate?",
        ),
        (
            "datasets.digits",
            CONTENT["datasets"]["digits"] | {"prepare": {"per_class": 3}},
            ".prepare.per_class is not known; did you mean datasets.digits.encode.per_class?",
        ),
        # One that must be there.
        ("models.text_gru.hyper.cell", ABSENT, " is missing"),
        ("models.own", BACKBONE, ".hyper.name is missing"),
        # Values.
        (
            "models.mlp.hyper.dropout",
            "0.3",
            " must be a valid number, got '0.3'; quotes make it text: write 0.3",
        ),
        ("models.mlp.hyper.dropout", 1, " must be less than 1, got 1"),
        ("models.mlp.hyper.widths", 64, " must be a list, got 64; a list is written [64]"),
        ("models.mlp.hyper.widths", [64, 0], ".1 must be greater than or equal to 1, got 0"),
        ("models.cnn.hyper.batch_norm", "yes", " must be true or false, got 'yes'; write true"),
        ("models.text_gru.hyper.cell", "lsmt", " must be 'rnn', 'lstm' or 'gru', got 'lsmt'; write lstm"),
        ("models.cnn.hyper.pooling", "last", " must be 'max' or 'avg', got 'last'"),
        ("models.vae.loss.beta", None, " must be a valid number, got nothing"),
        ("datasets.digits_few.encode.per_class", 1.5, " must be a valid integer, got 1.5"),
        ("datasets.digits_few.encode.classes", [5], ".0 must be text, got 5; quotes make it text"),
        # A file where none is read.
        (
            "datasets.digits.path",
            "own",
            " must be data/nothing for digits, which reads no file of your own, got 'own'",
        ),
    ],
)
def test_a_mistake_is_told_as_a_path_a_rule_and_a_value(
    path: str, given: object, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert verdict(monkeypatch, changed(CONTENT, tuple(path.split(".")), given)) == [f"{path}{told}"]


def test_those_of_all_blocks_are_told_at_once_beside_names_of_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    file = changed(CONTENT, ("models", "mlp", "dataset"), "digit")
    for path in ("datasets.waves.fetch.step", "models.mlp.hyper.width", "baselines.pca.hyper.component"):
        file = changed(file, tuple(path.split(".")), 3)
    assert [line.partition(" ")[0] for line in verdict(monkeypatch, file)] == [
        "datasets.waves.fetch.step",
        "models.mlp.dataset",
        "models.mlp.hyper.width",
        "baselines.pca.hyper.component",
    ]


def test_of_a_choice_for_other_data_the_arguments_are_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    file = changed(CONTENT, ("models", "text_gru", "architecture"), "cnn")
    (told,) = verdict(monkeypatch, file)
    assert told.startswith("models.text_gru.architecture must be one for texts, ")


def test_what_a_start_may_bring_may_be_missing_but_nothing_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    assert verdict(monkeypatch, changed(CONTENT, ("models", "own"), STARTED)) == []
    (told,) = verdict(monkeypatch, changed(CONTENT, ("models", "own"), STARTED | {"hyper": {"sied": 32}}))
    assert told == "models.own.hyper.sied is not known; did you mean 'side'?"


def test_a_mistake_is_told_without_torch_or_any_file_of_a_room(tmp_path: Path) -> None:
    wrong = changed(CONTENT, ("models", "cnn", "hyper", "learning_rate"), 0.1)
    (tmp_path / "params.yaml").write_text(json.dumps(wrong))  # JSON is YAML
    code = """
import sys
from pathlib import Path
from stages.core import params
from stages.core.errors import UserError
try:
    params.load(Path(sys.argv[1]))
except UserError as error:
    print(error)
print([one for one in sys.modules if one.split(".")[0] == "torch" or one.startswith("stages.architectures")])
"""
    command = [sys.executable, "-c", code, str(tmp_path / "params.yaml")]
    done = subprocess.run(command, cwd=samples.ROOT, check=True, capture_output=True, text=True)
    told = "models.cnn.hyper.learning_rate is not known; did you mean models.cnn.fit.learning_rate?"
    assert done.stdout == f"{told}\n[]\n"


HEAD = "from typing import Literal\nfrom stages.core.ranges import Count\n"


@pytest.mark.parametrize(
    ("text", "given", "told"),
    [
        ("def build(spec, *, width: Count): ...", {"widht": 3}, ["width is missing", "widht is not known"]),
        ("def build(spec, *, width: int = 3): ...", {"width": "a"}, ["width must be a valid integer"]),
        ("def build(spec, *, width: 'Count' = 3): ...", {"width": 0}, ["width must be greater than"]),
        ("def build(spec, width: int = 3): ...", {"width": 3}, ["width is not known"]),
        (
            'Form = Literal["a", 3]\ndef build(spec, *, form: Form): ...',
            {"form": "b"},
            ["form must be"],
        ),
        (
            "from stages.mine.words import Word\ndef build(spec, *, form: Word | None = None): ...",
            {"form": 3},
            ["form must be 'b'"],
        ),
        (
            "def build(spec, *, by: dict[str, list[float]]): ...",
            {"by": {"a": [1, "2"]}},
            ["by.a.1 must be"],
        ),
        # What the text does not tell is told where the function is called.
        ("def build(spec, **hyper): ...", {"width": 3}, []),
        ("def build(spec, *, width: int, **hyper): ...", {}, []),
        ("@wrapped\ndef build(spec): ...", {"width": 3}, []),
        ("@wrapped(\n    {}\n)\n@again\ndef build(spec): ...", {"width": 3}, []),
        ("def build(spec): ...\nbuild = wrapped(build)", {"width": 3}, []),
        ("def build(spec): ...\nif True:\n    from mine import build", {"width": 3}, []),
        ("def build(spec): ...\ndef build(spec, *, width): ...", {"width": 3}, []),
        ("from mine import build", {"width": 3}, []),
        ("build = partial(other, width=3)", {"width": 3}, []),
        ("class build:\n    def __init__(self, spec): ...", {"width": 3}, []),
        ("def build(spec: (", {"width": 3}, []),
        ("", {"width": 3}, []),
        ("def build(spec, *, width): ...", {"width": {"any": [None]}}, []),
        ("def build(spec, *, width: Own): ...", {"width": "a"}, []),
        ("def build(spec, *, width: mine.Own = 3): ...", {"width": "a"}, []),
        ("def build(spec, *, width: int[3] = 3): ...", {"width": "a"}, []),
        ("Own = int\nOwn = str\ndef build(spec, *, width: Own): ...", {"width": "a"}, []),
        ("Own = list['Own']\ndef build(spec, *, width: Own): ...", {"width": "a"}, []),
        ("Form = Literal['a']\nForm |= str\ndef build(spec, *, form: Form): ...", {"form": "b"}, []),
        ("Form = Literal['a']; Form = str\ndef build(spec, *, form: Form): ...", {"form": "b"}, []),
        ("Form = Literal['a']\nOther = Form = str\ndef build(spec, *, form: Form): ...", {"form": "b"}, []),
        ("Other, Form = Literal['a'], str\ndef build(spec, *, form: Form): ...", {"form": "b"}, []),
        ("int = float\ndef build(spec, *, rate: int): ...", {"rate": 3.5}, []),
        ("Form = int\nfrom mine import *\ndef build(spec, *, form: Form): ...", {"form": "b"}, []),
        ("from .typing import Own\ndef build(spec, *, width: Own): ...", {"width": "a"}, []),
        ("from stages.architectures.mlp import build", {"width": 3}, []),
        # What only speaks of a name gives it no meaning.
        (
            "def build(spec, *, width: int): ...\nif __name__ == '__main__':\n    print(build(None))",
            {"width": "a"},
            ["width must be a valid integer"],
        ),
        (
            '"""\nbuild: makes a network, for whom\nbuild does it.\n"""\ndef build(spec, *, width: int): ...',
            {"width": "a"},
            ["width must be a valid integer"],
        ),
        (
            "from typing import Literal as L\ndef build(spec, *, kind: L['int']): ...",
            {"kind": 3},
            ["kind must be 'int'"],
        ),
        (
            "Own: type = int\ndef build(spec, *, width: Own): ...",
            {"width": "a"},
            ["width must be a valid int"],
        ),
    ],
)
def test_a_file_of_ones_own_is_held_to_what_its_text_tells_and_no_more(
    write: Any, monkeypatch: pytest.MonkeyPatch, text: str, given: dict[str, Any], told: list[str]
) -> None:
    write("architectures/mlp.py", HEAD + text)
    write("mine/words.py", 'from typing import Literal\nWord = Literal["b"]\n')
    file = changed(CONTENT, ("models",), {"own": CONTENT["models"]["mlp"] | {"hyper": given}})
    file = changed(file, ("baselines",), {})
    lines = verdict(monkeypatch, file)
    assert len(lines) == len(told)
    for line, start in zip(lines, told, strict=True):
        assert line.startswith(f"models.own.hyper.{start}")
