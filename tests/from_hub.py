"""A small project whose run starts from a model of the hub."""

from pathlib import Path
from typing import Any

from torch import Tensor

from stages import adopt, preprocess
from stages.core import paths, spec
from stages.core.adopted import ENTRY, Origin
from stages.modelling import weights
from tests import project
from tests.test_train import RUN
from tests.tiny_bert import NAME, REVISION

PINNED = {"name": NAME, "revision": REVISION}


def configure(path: str = "data/nothing", **more: Any) -> None:
    """A data set of few texts, a run on them that starts from `tiny`, and where that comes from."""
    fetch = {key: more.pop(key) for key in ("name", "revision", "sha256") if key in more}
    encode = {"length": 9, "tokenizer": more.pop("tokenizer", PINNED)}
    texts = {"source": "text_csv", "path": "t.csv", "fetch": {}, "prepare": {"text": "t", "label": "l"}}
    run = {"dataset": "texts", "architecture": "bert", "hyper": {}, "start": "tiny", "fit": {"epochs": 1}}
    project.configure(
        datasets={"texts": texts | {"encode": encode}},
        pretrained={"tiny": {"source": "hub", "path": path, "fetch": fetch}},
        models={"run": RUN | run | more},
        baselines={},
    )


def adopted() -> tuple[dict[str, Tensor], Origin]:
    """The tensors of `tiny` and what is said of them, fetched anew."""
    adopt.main("tiny")
    tensors, said = weights.read("tiny")
    return tensors, Origin.model_validate_json(said[ENTRY])


def read_texts() -> spec.Spec:
    """The facts of the data set, once preprocessed."""
    raw = paths.raw("texts")
    raw.mkdir(parents=True, exist_ok=True)
    rows = [f"the film was play{'ing' if n % 2 else 'ed'},{'good' if n % 2 else 'bad'}" for n in range(40)]
    (raw / "t.csv").write_text("\n".join(["t,l", *rows]) + "\n")
    preprocess.main("texts")
    return spec.read("texts")


def left() -> list[str]:
    """The files of `tiny`."""
    return sorted(path.name for path in Path("models").glob("tiny/*"))
