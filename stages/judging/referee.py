"""The referee: a classifier in whose features images are compared, read from its exported file alone.

Features are what its last linear layer sees. A classifier of the same classes stands in for the Inception
network that photographs are compared in: its features are made to tell these images apart.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray

from stages.core import inputs, paths
from stages.core.blocks import SCRATCH
from stages.core.errors import UserError
from stages.core.references import JUDGES
from stages.core.spec import Images
from stages.judging.verdict import Judged

LOGITS = "logits"
_AT_ONCE = 256  # images


class Look(NamedTuple):
    """What a referee sees of images: `features` (N, D), and `logits` (N, K) of the classes."""

    features: NDArray[np.float32]
    logits: NDArray[np.float32]

    @property
    def chosen(self) -> NDArray[np.int64]:
        """The class (N) that it says."""
        chosen: NDArray[np.int64] = self.logits.argmax(axis=1)
        return chosen


@dataclass(frozen=True, slots=True)
class Referee:
    """A classifier's file, open; `spec` are the facts of the data that it learnt from."""

    spec: Images
    session: Any
    features: str

    def look(self, x: NDArray[np.uint8]) -> Look:
        """Features and logits of images (N, C, H, W) as they lie on disk, N at least 1."""
        seen = [self._run(x[first : first + _AT_ONCE]) for first in range(0, len(x), _AT_ONCE)]
        return Look(*(np.concatenate(side) for side in zip(*seen, strict=True)))

    def see(
        self, x: NDArray[np.uint8], y: NDArray[Any] | None = None, beside: Mapping[str, NDArray[Any]] = {}
    ) -> Judged:
        """Images and their features; the class `chosen` is beside them, and their label if they have none."""
        look = self.look(x)
        chosen = look.chosen
        return Judged(x, chosen if y is None else y, look.features, {"chosen": chosen, **beside})

    def _run(self, x: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
        pixels = inputs.standardise(inputs.unit(torch.from_numpy(x)), self.spec)
        (name,) = (given.name for given in self.session.get_inputs())
        seen: list[NDArray[np.float32]] = self.session.run(
            [self.features, LOGITS], {name: pixels.contiguous().numpy()}
        )
        return seen


def read(run: str, spec: Images, *, threads: int, at: str) -> Referee:
    """The referee of that name, for the images of `spec`.

    Args:
        at: where the run that it judges stands in params.yaml.

    Raises:
        UserError: it is not exported, no classifier, or one of other images or classes.
    """
    rule = f"{at}.referee {JUDGES} generation, got {run!r}"
    model = _load(run, rule)
    facts = {entry.key: json.loads(entry.value) for entry in model.metadata_props}.get("spec", {})
    seen = features(model.graph)
    if facts.get("kind") != "images" or seen is None:
        raise UserError(rule)
    learnt = Images.model_validate(facts)
    if (learnt.shape, learnt.classes) != (spec.shape, spec.classes):
        raise UserError(
            f"{at}.referee must tell the {len(spec.classes)} classes of {spec.dataset!r} in images of shape "
            f"{spec.shape}, got {run!r} for the {len(learnt.classes)} of {learnt.dataset!r} in {learnt.shape}"
        )
    model.graph.output.append(onnx.helper.make_empty_tensor_value_info(seen))
    return Referee(learnt, _session(model, threads), seen)


def features(graph: Any) -> str | None:
    """What the last linear layer of an ONNX graph sees; None where no such layer gives the logits."""
    constants, makers = {tensor.name for tensor in graph.initializer}, dict[str, Any]()
    for node in graph.node:  # sorted: what a node takes was made before it
        makers |= dict.fromkeys(node.output, node)
        constants |= set(node.output) if constants.issuperset(node.input) else set()
    node = makers.get(LOGITS)
    while node is not None and node.op_type == "Add":  # of a bias
        (name, *others) = _changing(node, constants)
        node = None if others else makers.get(name)
    if node is None or node.op_type not in ("Gemm", "MatMul"):
        return None
    is_layer = list(_changing(node, constants)) == [node.input[0]]
    return str(node.input[0]) if is_layer else None


def _changing(node: Any, constants: set[str]) -> Iterator[str]:
    """What a node takes that depends on the images."""
    return (name for name in node.input if name not in constants)


def _load(run: str, rule: str) -> Any:
    path = paths.onnx(run)
    if path.exists() and run != SCRATCH:
        return onnx.load(path)
    # What is exported in parts is no classifier.
    is_exported = run == SCRATCH or paths.exported(run).exists()
    raise UserError(rule if is_exported else f"{path} is missing: run `dvc repro export@{run}` first")


def _session(model: Any, threads: int) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
