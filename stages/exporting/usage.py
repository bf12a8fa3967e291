"""What the user of an exported file alone must know: what goes in, and what comes out."""

from typing import Any

import torch
from torch import Tensor, nn

from stages.core.spec import PAD, UNKNOWN, Images, Series, Spec, Texts
from stages.modelling import sequences
from stages.modelling.shipping import Shipped, Ships


def parts(model: nn.Module, spec: Spec) -> dict[str, Shipped]:
    """What is shipped of a network, by the names of the files: its own parts, else all of it as `model`."""
    if isinstance(model, Ships):
        return model.shipped()
    return {
        "model": Shipped(
            part=model,
            inputs=("x",),
            outputs=(output(spec),),
            given=lambda x: (x,),
            told=instructions(spec),
        )
    }


def example(spec: Spec, batch: int) -> Tensor:
    """Inputs of the right shape and type, of which nothing else is asked."""
    if isinstance(spec, Texts):
        return torch.full((batch, *spec.shape), UNKNOWN)
    return torch.zeros(batch, *spec.shape)


def axes(model: nn.Module) -> dict[int, Any]:
    """The axes of the input that are free: the batch, and the length where the network takes any."""
    free = {0: torch.export.Dim("batch")}
    return free | {1: torch.export.Dim("time")} if sequences.is_any_length(model) else free


def output(spec: Spec) -> str:
    """What the output is called."""
    return "forecast" if isinstance(spec, Series) else "logits"


def instructions(spec: Spec) -> dict[str, Any]:
    """How to prepare an input and read the output, beside the facts of the data themselves."""
    known: dict[str, Any] = {"preprocessing": preprocessing(spec)}
    if isinstance(spec, Series):
        said = "forecast (batch, horizon, targets), scaled: value = forecast * std + mean"
        return known | {"output": said}
    said = "logits (batch, classes); softmax gives the probabilities"
    return known | {"output": said, "classes": spec.classes}


def preprocessing(spec: Spec) -> dict[str, Any]:
    """How raw examples become the input `x`."""
    match spec:
        case Images():
            return {
                "input": "pixels 0 to 255, (batch, channels, height, width)",
                "formula": "(pixels / 255 - mean) / std, per channel, float32",
                "mean": spec.mean,
                "std": spec.std,
            }
        case Texts():
            return _words(spec)
        case Series():
            return {
                "input": "the last spec.shape[0] steps of spec.columns, (batch, time, columns)",
                "formula": "(value - mean) / std, per column, float32",
                "mean": spec.mean,
                "std": spec.std,
            }


def _words(spec: Texts) -> dict[str, Any]:
    if spec.tokenizer:
        return {
            "input": "numbers of pieces in spec.vocabulary, (batch, time), int64",
            # Cut to the longest text seen, not to `length` of params: a BERT may have no positions beyond.
            "formula": "those that Tokenizer.from_str of the library tokenizers gives, made of "
            "spec.tokenizer as JSON, its model.vocab being {piece: place in spec.vocabulary}, cut to "
            f"spec.shape[0] with what it puts around a text; shorter texts of a batch end in {PAD}",
        }
    return {
        "input": "numbers of words in spec.vocabulary, (batch, time), int64",
        "formula": "in NFC, straight apostrophes for round ones and, with spec.lower, in lower case, "
        "words are what the regular expression spec.words finds; the first spec.shape[0] count, "
        f"shorter texts of a batch end in {PAD}, words not in the vocabulary are {UNKNOWN}",
    }
