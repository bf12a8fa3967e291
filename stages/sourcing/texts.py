"""Texts as they go to disk, as numbers of words, and what is known of them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.core.blocks import Holdout
from stages.core.errors import UserError
from stages.core.ranges import Count, Size
from stages.core.spec import PAD, UNKNOWN, Texts
from stages.sourcing import holdout, tokens
from stages.sourcing.examples import Encoded, Examples, Labelled

Lines = Sequence[NDArray[np.int32]]  # of each text the numbers (T) of its words

_SPECIAL = ("<pad>", "<unk>")


def labelled(texts: Sequence[str], labels: Sequence[str], classes: Sequence[str]) -> Labelled:
    """Texts, and the place of each one's label among `classes`."""
    place = {name: k for k, name in enumerate(classes)}
    return Labelled(np.array(texts, dtype=object), np.array([place[label] for label in labels], np.int64))


def classified(texts: Sequence[str], labels: Sequence[str], *, given: str) -> Examples:
    """Texts of as many classes as there are labels, in the order of the alphabet.

    Raises:
        UserError: there are less than two, in what is `given`.
    """
    classes = tuple(sorted(set(labels)))
    if len(classes) < 2:
        raise UserError(f"{given} must hold two classes at least, got {', '.join(classes) or 'none'}")
    return Examples(classes, labelled(texts, labels, classes))


def encode(
    examples: Examples,
    split: Holdout,
    dataset: str,
    *,
    length: Count = 64,
    words: Count = 20000,
    min_frequency: Count = 1,
    lower: bool = True,
    punctuation: bool = False,
    per_class: Size = 0,
) -> Encoded:
    """Split the texts, number their words and keep the first `length` of each; none without words stays.

    The vocabulary is at most so many `words` of the train split, each there `min_frequency` times or more.
    Only then train keeps `per_class` texts of each class, drawn by the seed of the split; all with 0.

    Raises:
        ValueError: no word is that frequent, or a class has fewer texts.
    """
    numbered, numbers, empty = _numbered(examples, lower=lower, punctuation=punctuation)
    parts = holdout.split(numbered, split, dataset=dataset)
    vocabulary = _frequent(_cut(parts["train"], length), list(numbers), most=words, least=min_frequency)
    parts["train"] = holdout.few(parts["train"], examples.classes, each=per_class, seed=split.seed)
    splits = _arrays(parts, length, [numbers[word] for word in vocabulary], len(numbers))
    facts = _measured(parts, splits, examples.classes)
    facts |= numbers.rules | {"vocabulary": (*_SPECIAL, *vocabulary), "empty": empty}
    _tell(dataset, facts)
    return Encoded(Texts, facts, {name: splits[name] | {"y": part.y} for name, part in parts.items()})


def _numbered(examples: Examples, **form: bool) -> tuple[Examples, tokens.Numbers, int]:
    """The examples with the numbers of their words for texts, and how many were left out for having none."""
    numbers = tokens.Numbers(**form)
    left = {name: _with_words(part, numbers) for name, part in examples.parts.items()}
    empty = sum(len(part.y) - len(left[name].y) for name, part in examples.parts.items())
    return Examples(examples.classes, **left), numbers, empty


def _cut(part: Labelled, length: int) -> Lines:
    return [line[:length] for line in part.x]


def _with_words(part: Labelled, numbers: tokens.Numbers) -> Labelled:
    lines = np.fromiter((numbers.of(text) for text in part.x), dtype=object, count=len(part.x))
    return Labelled(lines, part.y).take(np.flatnonzero([len(line) for line in lines]))


def _frequent(lines: Lines, words: Sequence[str], *, most: int, least: int) -> list[str]:
    """The words that stand in `lines` most often, equal ones by the alphabet."""
    counts = np.bincount(np.concatenate(lines), minlength=len(words)).tolist()
    frequent = [(-count, word) for count, word in zip(counts, words, strict=True) if count >= least]
    if not frequent:
        raise ValueError(f"min_frequency must leave words, the most frequent has {max(counts)}, got {least}")
    return [word for _, word in sorted(frequent)[:most]]


def _arrays(
    parts: Mapping[str, Labelled], length: int, vocabulary: Sequence[int], words: int
) -> dict[str, dict[str, NDArray[Any]]]:
    """Words by their place in the vocabulary, filled up behind to the longest text, and the lengths."""
    kept = {name: _cut(part, length) for name, part in parts.items()}
    place = np.full(words, UNKNOWN, np.int32)
    place[vocabulary] = np.arange(len(vocabulary)) + len(_SPECIAL)
    lengths = {name: np.array([len(line) for line in lines], np.int32) for name, lines in kept.items()}
    longest = max(int(each.max()) for each in lengths.values())
    splits = {}
    for name, lines in kept.items():
        x = np.full((len(lines), longest), PAD, np.int32)
        x[np.arange(longest) < lengths[name][:, None]] = place[np.concatenate(lines)]
        splits[name] = {"x": x, "lengths": lengths[name]}
    return splits


def _measured(
    parts: Mapping[str, Labelled],
    splits: Mapping[str, Mapping[str, NDArray[Any]]],
    classes: tuple[str, ...],
) -> dict[str, Any]:
    """The shape of an input; of each split its counts, and what share is cut off, unknown and repeated."""
    train = [line.tobytes() for line in parts["train"].x]
    known = set(train)
    cut, unknown, repeated = {}, {}, {}
    for name, part in parts.items():
        x, lengths = splits[name]["x"], splits[name]["lengths"]
        cut[name] = float(1 - lengths.sum() / sum(map(len, part.x)))
        unknown[name] = float((x == UNKNOWN).sum() / lengths.sum())
        repeated[name] = float(np.mean([line.tobytes() in known for line in part.x]))
    repeated["train"] = 1 - len(known) / len(train)
    counts = {name: holdout.counts(part, classes) for name, part in parts.items()}
    shape = splits["train"]["x"].shape[1:]
    facts = {"shape": shape, "classes": classes, "counts": counts}
    return facts | {"cut": cut, "unknown": unknown, "repeated": repeated}


def _tell(dataset: str, facts: Mapping[str, Any]) -> None:
    said = [
        f"{sum(map(sum, facts['counts'].values())):,} texts",
        f"{len(facts['vocabulary']) - len(_SPECIAL):,} words",
        f"of those of test {100 * facts['cut']['test']:.1f} % cut off",
        f"{100 * facts['unknown']['test']:.1f} % unknown",
    ]
    if facts["empty"]:
        said.append(f"{facts['empty']:,} empty left out")
    print(f"{dataset}: {', '.join(said)}", flush=True)
    for name in ("val", "test"):
        if share := facts["repeated"][name]:
            print(f"{dataset}: {100 * share:.1f} % of {name} stand in train too", flush=True)
