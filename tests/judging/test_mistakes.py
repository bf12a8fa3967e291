"""The worst mistakes, of images and of texts."""

import numpy as np
import pytest

from stages.judging import mistakes
from stages.judging.verdict import Judged
from tests import samples

KINDS = {"images (red: said; below: true)": samples.spec(), "texts (red: said)": samples.texts_spec()}


@pytest.mark.parametrize(("kind", "facts"), KINDS.items(), ids=["images", "texts"])
class TestMistakes:
    def judged(self, facts: object, *, wrong: int) -> tuple[Judged, np.ndarray, np.ndarray]:
        """Answers to a split of which the first `wrong` are mistakes, each less sure than the one before."""
        held = samples.split(facts)
        y = held.y.numpy()
        chosen = np.where(np.arange(len(y)) < wrong, (y + 1) % 4, y)
        confidence = np.linspace(0.99, 0.3, len(y))
        return Judged(held.x.numpy(), y, np.zeros((len(y), 4), np.float32)), chosen, confidence

    def lines(self, facts: object, *, wrong: int) -> list[str]:
        figure = mistakes.draw(facts, *self.judged(facts, wrong=wrong))
        heads = [figure._suptitle] if figure._suptitle else []
        drawn = [*heads, *figure.texts, *(text for axes in figure.axes for text in axes.texts)]
        return [text.get_text() for text in drawn]

    def test_every_mistake_is_shown_surest_first(self, kind: str, facts: object) -> None:
        lines = self.lines(facts, wrong=3)
        assert f"All 3 mistakes on 64 test {kind}" in lines
        said = [line for line in lines if line.endswith("%")]
        assert said == ["class 1, 99%", "class 2, 98%", "class 3, 97%"]

    def test_of_many_mistakes_the_worst_are_shown(self, kind: str, facts: object) -> None:
        most = mistakes.WORST_IMAGES if facts == samples.spec() else mistakes.WORST_TEXTS
        lines = self.lines(facts, wrong=40)
        assert f"The {most} worst of 40 mistakes on 64 test {kind}" in lines
        assert len([line for line in lines if line.endswith("%")]) == most

    def test_a_single_mistake_is_called_the_one(self, kind: str, facts: object) -> None:
        assert f"The one mistake on 64 test {kind}" in self.lines(facts, wrong=1)

    def test_without_mistakes_it_is_said(self, kind: str, facts: object) -> None:
        assert "No mistakes on 64 test examples" in self.lines(facts, wrong=0)
