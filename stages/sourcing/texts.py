"""Texts as they go to disk, as numbers of words, and what is known of them."""

from collections.abc import Mapping, Sequence
from inspect import signature
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.core.blocks import Holdout
from stages.core.checking import shown
from stages.core.errors import UserError
from stages.core.ranges import Count, Size
from stages.core.spec import Texts
from stages.sourcing import alike, holdout, pieces, repeats, tokens
from stages.sourcing.examples import Encoded, Examples, Labelled
from stages.sourcing.pieces import Pieces, Tokenizer
from stages.sourcing.tokens import Numbers, Table

Reader = Numbers | Pieces


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
    alike.tell(classes, place=given)
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
    tokenizer: Tokenizer | None = None,
    per_class: Size = 0,
) -> Encoded[Texts]:
    """Split the texts, number their words and keep the first `length` of each; none without words stays.

    The vocabulary is at most so many `words` of train, each there `min_frequency` times or more; that of a
    `tokenizer` is its own. Only then train keeps `per_class` texts of each class, drawn by seed; all with 0.

    Raises:
        ValueError: no word is that frequent, a class has fewer texts, or a tokenizer is missing or not alone.
    """
    reader = _pick(tokenizer, words=words, min_frequency=min_frequency, lower=lower, punctuation=punctuation)
    numbered, empty = _numbered(examples, reader)
    parts = _split(numbered, empty, reader, split, dataset)
    table = reader.table([line[:length] for line in parts["train"].x], most=words, least=min_frequency)
    parts["train"] = holdout.few(parts["train"], examples.classes, each=per_class, seed=split.seed)
    splits = tokens.arrays({name: list(part.x) for name, part in parts.items()}, table, length)
    facts = reader.rules | _measured(parts, splits, table, examples.classes) | {"empty": empty}
    _tell(dataset, facts)
    return Encoded(Texts, facts, {name: splits[name] | {"y": part.y} for name, part in parts.items()})


def _pick(tokenizer: Tokenizer | None, **options: Any) -> Reader:
    """What numbers words: our own rules, or a tokenizer, beside which no option would have an effect."""
    if not tokenizer:
        return Numbers(lower=options["lower"], punctuation=options["punctuation"])
    for key, value in options.items():
        default = signature(encode).parameters[key].default
        if value != default:
            told = f"beside tokenizer, whose words are its own, got {shown(value)}"
            raise ValueError(f"{key} must be {shown(default)} {told}")
    return pieces.read(tokenizer)


def _numbered(examples: Examples, reader: Reader) -> tuple[Examples, int]:
    """The examples with the numbers of their words for texts, and how many were left out for having none."""
    left = {name: _with_words(part, reader) for name, part in examples.parts.items()}
    empty = sum(len(part.y) - len(left[name].y) for name, part in examples.parts.items())
    return Examples(examples.classes, left["train"], left.get("test"), left.get("val")), empty


def _split(
    examples: Examples, empty: int, reader: Reader, split: Holdout, dataset: str
) -> dict[str, Labelled]:
    """The splits; where a class has too few texts for them, it is told how many are `empty`, and why."""
    try:
        return holdout.split(examples, split, dataset=dataset)
    except UserError as error:
        remedy = "" if reader.rules["punctuation"] else "; `punctuation: true` in encode makes words of signs"
        told = f". {empty:,} texts are left out, as they hold no words{remedy}" if empty else ""
        raise UserError(f"{error}{told}") from error


def _with_words(part: Labelled, reader: Reader) -> Labelled:
    lines = np.fromiter((reader.of(text) for text in part.x), dtype=object, count=len(part.x))
    return Labelled(lines, part.y).take(np.flatnonzero([len(line) for line in lines]))


def _measured(
    parts: Mapping[str, Labelled],
    splits: Mapping[str, Mapping[str, NDArray[Any]]],
    table: Table,
    classes: tuple[str, ...],
) -> dict[str, Any]:
    """The shape of an input; of each split its counts, and what share is cut off, unknown and repeated."""
    repeated = repeats.shares({name: part.x for name, part in parts.items()})
    cut, unknown = {}, {}
    for name, part in parts.items():
        x, kept = splits[name]["x"], splits[name]["lengths"] - table.around
        cut[name] = float(1 - kept.sum() / sum(map(len, part.x)))
        unknown[name] = float((x == table.unknown).sum() / kept.sum())
    measured = {"shape": x.shape[1:], "cut": cut, "unknown": unknown, "repeated": repeated}
    counts = {name: holdout.counts(part, classes) for name, part in parts.items()}
    return measured | {"vocabulary": table.vocabulary, "classes": classes, "counts": counts}


def _tell(dataset: str, facts: Mapping[str, Any]) -> None:
    said = [
        f"{sum(map(sum, facts['counts'].values())):,} texts",
        f"{len(facts['vocabulary']) - len(facts['special']):,} words",
        f"of those of test {100 * facts['cut']['test']:.1f} % cut off",
        f"{100 * facts['unknown']['test']:.1f} % unknown",
    ]
    if facts["empty"]:
        said.append(f"{facts['empty']:,} empty left out")
    print(f"{dataset}: {', '.join(said)}", flush=True)
    repeats.tell(dataset, facts["repeated"])
