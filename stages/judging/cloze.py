"""Cloze tests: of each text one word is hidden, the same for whoever is asked to guess it."""

from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure
from numpy.typing import NDArray

from stages.core import inputs, masking, splits
from stages.core.spec import PAD, UNKNOWN, Texts
from stages.core.splits import Split
from stages.judging import figures, probabilities, words
from stages.judging.subject import Subject
from stages.judging.verdict import Judged
from stages.judging.words import Passage

BINS = 8
_SHOWN, _GUESSES = 10, 3  # texts, and words for each
_GAP = "\N{LOW LINE}" * 5


def over(subject: Subject, spec: Texts, split: Split, *, texts: int) -> Judged:
    """Logits (N, V) for the hidden words of at most so many texts of a split, evenly spread over it.

    The targets are the hidden words; `place` (N) beside says where in its text each stands.
    """
    part = _spread(split, texts)
    hidden = masking.draw(part.x, spec, generator=torch.Generator().manual_seed(0))
    said = np.empty((len(part), len(spec.vocabulary)), np.float32)
    for rows, batch in inputs.walk(part, spec, device=subject.device, size=subject.batch_size):
        asked = hidden[rows, : batch.x.shape[1]].to(subject.device)
        said[rows.numpy()] = subject.ask("guess", masking.hide(batch.x, asked, spec), asked)
    place = hidden.int().argmax(dim=1).numpy()
    return Judged(part.x.numpy(), part.x[hidden].long().numpy(), said, {"place": place})


def counts(spec: Texts) -> NDArray[np.int64]:
    """How often each word of the vocabulary (V) stands in the train split."""
    x = splits.load(spec, "train").x.numpy()
    counted: NDArray[np.int64] = np.bincount(x[x != PAD], minlength=len(spec.vocabulary))
    return counted


def unigram(seen: NDArray[np.int64]) -> NDArray[np.float64]:
    """Log-probabilities (V) of words by how often they were `seen`, each counted once more."""
    logs: NDArray[np.float64] = np.log((seen + 1) / (seen + 1).sum())
    return logs


def ranks(logits: NDArray[Any], y: NDArray[np.int64]) -> NDArray[np.int64]:
    """The rank (N) of words y (N) among the guesses (N, V), from 1; of equal ones the worst."""
    own = np.take_along_axis(logits, y[:, None], axis=1)
    placed: NDArray[np.int64] = (logits >= own).sum(axis=1)
    return placed


def commonness(seen: NDArray[Any], right: NDArray[np.bool_]) -> list[tuple[float, float]]:
    """For words about as common: how often they were `seen` (N) in the mean, and the share that is right."""
    edges = np.unique(np.quantile(seen, np.arange(1, BINS) / BINS))
    bin_of = np.searchsorted(edges, seen)
    return [
        (float(seen[inside].mean()), float(right[inside].mean()))
        for inside in (bin_of == number for number in np.unique(bin_of))
    ]


def draw(spec: Texts, test: Judged) -> Figure:
    """Texts with a gap, and the words that are held most probable for it."""
    logs, passages = probabilities.log_softmax(test.outputs), []
    for row in np.linspace(0, len(test.y) - 1, num=min(_SHOWN, len(test.y)), dtype=np.int64):
        text, place = words.read(test.x[row], spec), test.beside["place"][row]
        best = np.argsort(-logs[row], kind="stable")[:_GUESSES]
        true = text[place]
        text[place] = _GAP
        beside = [f"{figures.short(spec.vocabulary[k])}, {np.exp(logs[row, k]):.0%}" for k in best]
        wrong = bool(best[0] != test.y[row])
        weights = (np.arange(len(text)) == place).astype(float)
        passages.append(
            Passage(
                text,
                (*beside, f"true: {figures.short(true)}"),
                wrong=wrong,
                weights=weights,
                faint=spec.vocabulary[UNKNOWN],
            )
        )
    return words.draw("What stands in the gap? The likeliest words (red: the first is wrong)", passages)


def _spread(split: Split, texts: int) -> Split:
    rows = torch.linspace(0, len(split) - 1, min(texts, len(split)), dtype=torch.float64).round().long()
    taken = split.take(rows)
    return Split(taken.x, taken.y, None if split.lengths is None else split.lengths[rows])
