"""Why the surest examples are said to be what they are: attributions of the logit of the class said."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import torch
from matplotlib.figure import Figure
from numpy.typing import NDArray

from stages.core import inputs
from stages.core.errors import UserError
from stages.core.spec import UNKNOWN, Images, Labelled, Texts
from stages.core.splits import Batch
from stages.judging import heat, lettering, stacked, surest, words
from stages.judging.stacked import Stack
from stages.judging.subject import Subject
from stages.judging.surest import Caption
from stages.judging.verdict import Judged
from stages.judging.words import Passage

GRADIENTS, BASELINE, MAPS = "integrated_gradients", "baseline", "grad_cam"

# Inches that the title needs, and from one tile to the next at least, whose lines are a tenth less wide.
_TITLE, _PITCH, _LINE = 6.6, 1.3, 0.9
_SIZE = 8  # points


def check(subject: Subject, examples: int) -> None:
    """Hold a run against being asked why of so many examples.

    Raises:
        UserError: it has no gradients.
    """
    if examples and not subject.can(GRADIENTS):
        at = f"{subject.at}.measure.explain"
        raise UserError(f"{at} must be 0 for a method without gradients, got {examples}")


def ask(subject: Subject, test: Judged, examples: int) -> dict[str, Judged]:
    """Under `explained` so many of the surest right examples and of the surest wrong ones; none for 0.

    Their attributions stand beside them, as `attributions.functions` has them, those that are not empty.

    Raises:
        UserError: an attribution is not a finite number.
    """
    if not examples:
        return {}
    chosen = surest.take(test, surest.rows(test, examples))
    raw = Batch(torch.from_numpy(chosen.x), torch.from_numpy(chosen.y))
    x = inputs.ready(raw, subject.spec, device=torch.device("cpu")).x
    classes = torch.from_numpy(chosen.outputs.argmax(axis=1))
    names = filter(subject.can, (GRADIENTS, BASELINE, MAPS))
    beside = {name: subject.ask(name, x, classes) for name in names}
    for name, found in beside.items():
        if not np.isfinite(found).all():
            raise UserError(f"{subject.run}: {name} must be finite, got numbers that are not")
    return {
        "explained": replace(chosen, beside={name: found for name, found in beside.items() if found.size})
    }


def pictures(spec: Labelled, judged: Mapping[str, Judged]) -> dict[str, Figure]:
    """The picture `explained`: what speaks for the class that is said; none where nothing was asked."""
    said = judged.get("explained")
    if said is None:
        return {}
    surest_of = f"What decided: the surest of {len(judged['test'].y):,} test"
    match spec:
        case Images():
            return {"explained": _draw_images(spec, said, f"{surest_of} images, right and wrong")}
        case Texts():
            title = f"{surest_of} texts, right and wrong (red: said, but wrong)"
            return {"explained": _draw_texts(spec, said, title)}
    raise TypeError(type(spec))


def missed(said: Judged) -> float:
    """How far the sums of integrated gradients are at most from what the logit gains over its baseline."""
    sums = said.beside[GRADIENTS].reshape(len(said.y), -1).sum(axis=1, dtype=np.float64)
    gains = said.outputs.max(axis=1) - said.beside[BASELINE].astype(np.float64)
    return float(np.abs(sums - gains).max())


def _draw_images(spec: Images, said: Judged, title: str) -> Figure:
    title += (
        "\nRed letters: said, but wrong; what it is stands below."
        "\nIG, integrated gradients from the mean image: red pixels raise the logit of what is said,"
        f"\nblue ones lower it; the sums are exact to {missed(said):.1g}."
    )
    if MAPS in said.beside:
        title += "\nGrad-CAM: the brighter a place, the more it speaks for what is said."
    columns = _columns(len(said.y))
    pitch = max(_PITCH, _TITLE / columns)
    captions = enumerate(surest.captions(spec, said))
    stacks = [_stack(said, row, caption, _LINE * pitch) for row, caption in captions]
    return stacked.draw(title, stacks, columns=columns, across=columns, inches=pitch)


def _columns(count: int) -> int:
    """So many stacks to a row that few places of the last one are left: at most seven."""
    rows = -(-count // 7)
    return max(3, -(-count // rows))


def _stack(said: Judged, row: int, caption: Caption, width: float) -> Stack:
    """An image over its heat, if there is any, and its gradients; no line is wider than so many inches."""
    image, gradients = said.x[row], said.beside[GRADIENTS][row]
    name, _, sure = caption.said.rpartition(", ")
    spoken = lettering.cut(name, f", {sure}", width=width, size=_SIZE)
    true = lettering.cut(caption.true, width=width, size=_SIZE)
    tiles = [(image, true if caption.wrong else spoken)]
    if MAPS in said.beside:
        maps = said.beside[MAPS][row]
        tiles.append((heat.overlay(image, maps), "Grad-CAM, {}×{}".format(*maps.shape)))
    tiles.append((heat.signed(gradients), f"IG {_sides(gradients)}"))
    images, below = zip(*tiles, strict=True)
    return Stack(images, below, above=spoken if caption.wrong else "")


def _draw_texts(spec: Texts, said: Judged, title: str) -> Figure:
    title += (
        f"\nIntegrated gradients from an empty text: amber {words.unit(spec)} raise the logit of what is "
        f"said, blue ones lower it; exact to {missed(said):.1g}"
    )
    passages, faint = [], spec.vocabulary[UNKNOWN]
    for row, caption in enumerate(surest.captions(spec, said)):
        text, gradients = words.read(said.x[row], spec), said.beside[GRADIENTS][row]
        beside = (caption.said, f"true: {caption.true}", f"logit {_sides(gradients)}")
        passages.append(Passage(text, beside, caption.wrong, gradients[: len(text)], faint))
    return words.draw(title, passages)


def _sides(gradients: NDArray[np.float32]) -> str:
    """What speaks for, and what against, to three digits of the larger."""
    sides = float(gradients.clip(0).sum()), float((-gradients).clip(0).sum())
    largest = max(sides)
    form = ".0e" if largest >= 1e5 else f".{sum(largest < bound for bound in (1, 10, 100))}f"
    return "+{:{form}} −{:{form}}".format(*sides, form=form)
