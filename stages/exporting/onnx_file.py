"""A network as one ONNX file that needs nothing else: its metadata tell what goes in and what comes out."""

import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray
from torch import nn

from stages.exporting import usage
from stages.modelling.weights import Card

INPUT = "x"
Session = Callable[[NDArray[Any]], NDArray[np.float32]]


def write(model: nn.Module, card: Card, path: Path) -> None:
    """Export `model`, free in the batch and, where it takes any, in the length."""
    with warnings.catch_warnings():
        # torch's exporter still calls what torch itself has deprecated; nothing to mend here.
        warnings.simplefilter("ignore", FutureWarning)
        program = torch.onnx.export(
            model,
            (usage.example(card.spec, 2),),  # one example would be taken for a fixed size
            dynamo=True,
            input_names=[INPUT],
            output_names=[usage.output(card.spec)],
            dynamic_shapes=(usage.axes(model),),
            verbose=False,
        )
    if program is None:
        raise TypeError("torch.onnx.export gave no program")
    for node in program.model.graph:
        node.metadata_props.clear()  # stack traces, with this machine's paths
    program.model.metadata_props.update(metadata(card))
    program.save(path, external_data=False)


def metadata(card: Card) -> dict[str, str]:
    """What a user of the file alone must know, each value as JSON."""
    known: dict[str, Any] = {
        "run": card.run,
        "architecture": card.architecture,
        **usage.instructions(card.spec),
        "spec": card.spec.model_dump(),
    }
    return {key: json.dumps(value) for key, value in known.items()}


def session(path: Path, *, threads: int) -> Session:
    """The file as a function from inputs (B, ...) to outputs (B, ...), run by onnxruntime on the CPU."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    inner = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def run(x: NDArray[Any]) -> NDArray[np.float32]:
        outputs: NDArray[np.float32] = inner.run(None, {INPUT: x})[0]
        return outputs

    return run
