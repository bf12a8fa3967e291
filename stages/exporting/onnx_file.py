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

from stages.modelling.weights import Card

INPUT, OUTPUT = "x", "logits"
Session = Callable[[NDArray[np.float32]], NDArray[np.float32]]


def write(model: nn.Module, card: Card, path: Path) -> None:
    """Export `model` with a free batch axis."""
    example = torch.zeros(2, *card.spec.shape)  # one example would be taken for a fixed size
    with warnings.catch_warnings():
        # torch's exporter still calls what torch itself has deprecated; nothing to mend here.
        warnings.simplefilter("ignore", FutureWarning)
        program = torch.onnx.export(
            model,
            (example,),
            dynamo=True,
            input_names=[INPUT],
            output_names=[OUTPUT],
            dynamic_shapes=({0: torch.export.Dim("batch")},),
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
    spec = card.spec
    known: dict[str, Any] = {
        "run": card.run,
        "architecture": card.architecture,
        "classes": spec.classes,
        "preprocessing": {
            "input": "pixels 0 to 255, (batch, channels, height, width)",
            "formula": "(pixels / 255 - mean) / std, per channel, float32",
            "mean": spec.mean,
            "std": spec.std,
        },
        "output": "logits (batch, classes); softmax gives the probabilities",
        "spec": spec.model_dump(),
    }
    return {key: json.dumps(value) for key, value in known.items()}


def session(path: Path, *, threads: int) -> Session:
    """The file as a function from inputs (B, ...) to outputs (B, ...), run by onnxruntime on the CPU."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    inner = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def run(x: NDArray[np.float32]) -> NDArray[np.float32]:
        outputs: NDArray[np.float32] = inner.run([OUTPUT], {INPUT: x})[0]
        return outputs

    return run
