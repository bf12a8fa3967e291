"""What a kind of data shows of any run on it, whatever its task: a network's as well as a baseline's."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from stages.core.spec import Images, Spec, Texts

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from stages.judging.verdict import Judged, Row


def facts(spec: Spec) -> dict[str, Any]:
    """What joins the metrics: whether data are generated, and what share of each split stands in train too.

    The latter of images and texts alone: windows of a series are no examples of their own.
    """
    known: dict[str, Any] = {"generated": spec.generated}
    return known | {"repeated": spec.repeated} if isinstance(spec, Images | Texts) else known


def rows(spec: Spec, test: "Judged") -> "Iterator[Row]":
    """Chart rows: of texts the chart `length`, accuracy and share of the examples by length."""
    from stages.judging import lengths

    if isinstance(spec, Texts):
        for words, texts, correct in lengths.bins(test.x, test.right):
            yield "length", "accuracy", words, correct / texts
            yield "length", "share", words, texts / len(test.y)


def pictures(spec: Spec, test: "Judged") -> "dict[str, Figure]":
    """Pictures by name: of texts the accuracy by length."""
    from stages.judging import lengths, words

    if not isinstance(spec, Texts):
        return {}
    return {"lengths": lengths.draw(test.x, test.right, words.unit(spec))}
