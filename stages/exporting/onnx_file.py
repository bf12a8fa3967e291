"""A part of a network as one ONNX file that needs nothing else: its metadata tell what goes in and out."""

import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray

from stages.core.errors import UserError
from stages.exporting import usage
from stages.modelling.shipping import Shipped
from stages.modelling.weights import Card

Session = Callable[..., tuple[NDArray[np.float32], ...]]


def write(shipped: Shipped, card: Card, path: Path) -> None:
    """Export a part, free in the batch and, where it takes any, in the length.

    Raises:
        UserError: it is of operations that ONNX has not, or goes ways that depend on the values it is given.
    """
    try:
        program = _program(shipped, card)
    except torch.onnx.OnnxExporterError as error:
        rule = f"models.{card.run}: {card.architecture} must be what torch can export to ONNX"
        raise UserError(f"{rule}: {_innermost(error)}") from error
    for node in program.model.graph:
        node.metadata_props.clear()  # stack traces, with this machine's paths
    program.model.metadata_props.update(metadata(shipped, card))
    program.save(path, external_data=False)


def _program(shipped: Shipped, card: Card) -> torch.onnx.ONNXProgram:
    with torch.no_grad():
        example = shipped.given(usage.example(card.spec, 2))  # one would be taken for a fixed size
    axes = usage.axes(shipped.part)
    with warnings.catch_warnings():
        # torch's exporter still calls what torch itself has deprecated; nothing to mend here.
        warnings.simplefilter("ignore", FutureWarning)
        # Of several inputs that share the batch it says that they share it.
        warnings.filterwarnings("ignore", message=".*axis name: batch", category=UserWarning)
        program = torch.onnx.export(
            shipped.part,
            example,
            dynamo=True,
            input_names=shipped.inputs,
            output_names=shipped.outputs,
            dynamic_shapes=(axes,) * len(example),
            verbose=False,
        )
    if program is None:
        raise TypeError("torch.onnx.export gave no program")
    return program


def _innermost(error: BaseException) -> str:
    """The first line of what was wrong at first."""
    while error.__cause__:
        error = error.__cause__
    return str(error).strip().partition("\n")[0]


def metadata(shipped: Shipped, card: Card) -> dict[str, str]:
    """What a user of the file alone must know, each value as JSON."""
    known: dict[str, Any] = {
        "run": card.run,
        "architecture": card.architecture,
        **({"preprocessing": usage.preprocessing(card.spec)} if "x" in shipped.inputs else {}),
        **shipped.told,
        "spec": card.spec.model_dump(exclude={"reading"}),  # it is part of preprocessing
    }
    return {key: json.dumps(value) for key, value in known.items()}


def session(path: Path, *, threads: int) -> Session:
    """The file as a function from inputs (B, ...) to all outputs (B, ...), run by onnxruntime on the CPU.

    Raises:
        UserError: onnxruntime lacks what it takes, as most of bfloat16.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    try:
        inner = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own have nothing narrower in common
        raise UserError(f"{path.name} must be what onnxruntime can run: {_innermost(error)}") from error
    names = [given.name for given in inner.get_inputs()]

    def run(*given: NDArray[Any]) -> tuple[NDArray[np.float32], ...]:
        return tuple(inner.run(None, dict(zip(names, given, strict=True))))

    return run
