"""Cloze tests: of each text one word is hidden, the same for whoever is asked to guess it."""

from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure
from numpy.typing import NDArray

from stages.core import inputs, masking, splits
from stages.core.spec import UNKNOWN, Texts
from stages.core.splits import Split
from stages.judging import evenly, figures, probabilities, words
from stages.judging.subject import Subject
from stages.judging.verdict import Judged
from stages.judging.words import Passage

BINS = 8
_SHOWN, _GUESSES = 10, 3  # texts, and words for each
_GAP = "\N{LOW LINE}" * 5


def over(subject: Subject, spec: Texts, split: Split, *, texts: int) -> Judged:
    """What is said of the hidden words of at most so many texts of a split, evenly spread over it.

    The targets are the hidden words, `place` (N) beside says where in its text each stands. The rest is that
    of `told`.
    """
    some = torch.from_numpy(evenly.rows(len(split), texts))
    part = Split(*split.take(some), None if split.lengths is None else split.lengths[some])
    hidden = masking.draw(part.x, spec, generator=torch.Generator().manual_seed(0))
    y, said = part.x[hidden].long().numpy(), dict[str, NDArray[Any]]()
    for taken, batch in inputs.walk(part, spec, device=subject.device, size=subject.batch_size):
        rows, asked = taken.numpy(), hidden[taken, : batch.x.shape[1]].to(subject.device)
        logits = subject.ask("guess", masking.hide(batch.x, asked, spec), asked)
        for name, answer in told(logits, y[rows]).items():
            said.setdefault(name, np.empty((len(part), *answer.shape[1:]), answer.dtype))[rows] = answer
    said["place"] = hidden.int().argmax(dim=1).numpy()
    return Judged(part.x.numpy(), y, said.pop("outputs"), said)


def told(logits: NDArray[np.float32], y: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    """What is kept of guesses (N, V) at words y (N): of 30,000 words a row is a hundred thousand bytes.

    The `outputs` (N) are the log-probabilities of the words, `rank` (N) is theirs among the guesses, from 1;
    of equal ones the worst. `first` (N, 3) are the words that are held most probable, `chances` (N, 3) how
    probable, and `chosen` (N) is the first of them.
    """
    with np.errstate(invalid="ignore"):  # what is not finite is for the verdict to refuse
        logs = probabilities.log_softmax(logits)
    own = np.take_along_axis(logs, y[:, None], axis=1)
    rank, first, left = (logs >= own).sum(axis=1), [], logs.copy()
    for _ in range(min(_GUESSES, logs.shape[1])):  # to sort all would take seconds
        first.append(left.argmax(axis=1))
        np.put_along_axis(left, first[-1][:, None], -np.inf, axis=1)
    guesses = np.stack(first, axis=1)
    return {
        "outputs": own[:, 0].astype(np.float32),
        "rank": rank,
        "chosen": guesses[:, 0],
        "first": guesses,
        "chances": np.exp(np.take_along_axis(logs, guesses, axis=1)),
    }


def counts(spec: Texts) -> NDArray[np.int64]:
    """How often each word of the vocabulary (V) stands in the train split where it might be asked for."""
    x = splits.load(spec, "train").x
    asked = x[masking.words(x, spec)].numpy()
    counted: NDArray[np.int64] = np.bincount(asked, minlength=len(spec.vocabulary))
    return counted


def by_counts(test: Judged, seen: NDArray[np.int64]) -> Judged:
    """The same words, guessed by how often each of the vocabulary (V) was `seen`, and once more, alone."""
    logs = np.log((seen + 1) / (seen + 1).sum())
    rank = len(seen) - np.searchsorted(np.sort(seen), seen[test.y])
    chosen = np.full_like(test.y, seen.argmax())
    return Judged(test.x, test.y, logs[test.y], {"rank": rank, "chosen": chosen})


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
    said, passages = test.beside, []
    for row in evenly.rows(len(test.y), _SHOWN):
        text, place = words.read(test.x[row], spec), said["place"][row]
        true = text[place]
        text[place] = _GAP
        guesses = zip(said["first"][row], said["chances"][row], strict=True)
        beside = [f"{figures.short(spec.vocabulary[word])}, {chance:.0%}" for word, chance in guesses]
        passages.append(
            Passage(
                text,
                (*beside, f"true: {figures.short(true)}"),
                wrong=not test.right[row],
                weights=(np.arange(len(text)) == place).astype(float),
                faint=spec.vocabulary[UNKNOWN],
            )
        )
    title = (
        f"What stands in the gap? {len(passages)} of {len(test.y):,} test texts\n"
        f"Beside: the {words.unit(spec)} that are held most probable (red: the first is wrong)"
    )
    return words.draw(title, passages)
