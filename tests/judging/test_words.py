"""Texts as pictures: every word at its place, each as dark as it weighs."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from stages.core.spec import PAD, UNKNOWN
from stages.judging import figures, words
from stages.judging.words import Passage
from tests import samples

LONG = [f"word{n}" for n in range(400)]


def written(figure: Figure) -> dict[str, str]:
    """Word -> colour of all that is written."""
    return {text.get_text(): text.get_color() for text in figure.axes[0].texts}


def shades(figure: Figure) -> list[float]:
    return [patch.get_alpha() for patch in figure.axes[0].patches if isinstance(patch, FancyBboxPatch)]


def passage(text: list[str], weights: list[float] | None = None, *, wrong: bool = False) -> Passage:
    held = None if weights is None else np.array(weights, np.float32)
    return Passage(text, ("good, 90%", "true: bad"), wrong, held)


def test_a_text_is_read_without_its_padding() -> None:
    facts = samples.texts_spec()
    assert words.read(np.array([2, UNKNOWN, 3, PAD]), facts) == ["word0", "<unk>", "word1"]


def test_every_word_of_a_short_text_is_drawn() -> None:
    figure = words.draw("title", [passage(["a", "plain", "text"])])
    assert {"title", "a", "plain", "text", "good, 90%", "true: bad"} == written(figure).keys()
    assert not shades(figure)


def test_a_title_may_have_a_line_that_explains_it() -> None:
    found = {text.get_text(): text for text in words.draw("title\nkey", [passage(["a"])]).axes[0].texts}
    assert (found["title"].get_fontweight(), found["key"].get_fontweight()) == ("bold", "normal")
    assert found["title"].get_position()[1] < found["key"].get_position()[1]


def test_what_was_said_is_red_where_it_is_wrong() -> None:
    for wrong, hue in ((True, figures.WRONG), (False, figures.INK)):
        assert written(words.draw("title", [passage(["a"], wrong=wrong)]))["good, 90%"] == hue


def test_an_unknown_word_is_faint() -> None:
    found = written(words.draw("title", [passage(["a", "<unk>"])._replace(faint="<unk>")]))
    assert (found["a"], found["<unk>"]) == (figures.INK, figures.FAINT)


def test_a_word_is_as_dark_as_it_weighs_beside_the_heaviest() -> None:
    figure = words.draw("title", [passage(["a", "b", "c"], [0.1, 0.4, 0.2])])
    assert shades(figure) == pytest.approx([0.25, 1.0, 0.5])


def test_a_word_against_has_another_colour_and_is_as_dark_as_it_weighs() -> None:
    figure = words.draw("title", [passage(["a", "b", "c"], [0.2, -0.4, 0.0])])
    boxes = [patch for patch in figure.axes[0].patches if isinstance(patch, FancyBboxPatch)]
    expected = [(words.FOR, 0.5), (words.AGAINST, 1.0)]
    assert [box.get_facecolor() for box in boxes] == [to_rgba(hue, alpha) for hue, alpha in expected]


def test_where_no_word_weighs_anything_none_is_dark() -> None:
    assert not shades(words.draw("title", [passage(["a", "b"], [0.0, 0.0])]))


def test_wrapped_words_stand_in_order_and_within_the_width() -> None:
    lines = words.wrap(LONG)
    assert [place for line in lines for place, _ in line] == list(range(len(LONG)))
    for line in lines:
        ends = [at + words._inches(LONG[place]) for place, at in line]
        assert ends[-1] <= words._WIDTH
        assert all(end < at for end, (_, at) in zip(ends, line[1:], strict=False))


@pytest.mark.parametrize("word", ["illicitly", "m" * 16])
def test_a_word_is_drawn_as_wide_as_it_was_measured(word: str) -> None:
    """Hinting would bring each letter to whole pixels: a word is narrower then, or wider."""
    figure = words.draw("title", [passage([word])])
    figure.draw_without_rendering()
    (text,) = (text for text in figure.axes[0].texts if text.get_text() == word)
    assert text.get_window_extent().width / figure.dpi == pytest.approx(words._inches(word), abs=0.002)


@pytest.mark.parametrize("weight", [1.0, -1.0])
@pytest.mark.parametrize(
    ("heaviest", "marks"), [(0, ["behind"]), (200, ["before", "behind"]), (399, ["before"])]
)
def test_of_a_long_text_the_lines_around_its_heaviest_word_are_drawn(
    heaviest: int, marks: list[str], weight: float
) -> None:
    weights = [0.1] * len(LONG)
    weights[heaviest] = weight
    figure = words.draw("title", [passage(LONG, weights)])
    assert LONG[heaviest] in written(figure)
    assert len({text.get_position()[1] for text in figure.axes[0].texts if "word" in text.get_text()}) == (
        words.LINES
    )
    dots = [text for text in figure.axes[0].texts if text.get_text() == words.ELLIPSIS]
    assert ["before" if dot.get_ha() == "right" else "behind" for dot in dots] == marks


def test_a_long_text_without_weights_begins_at_its_beginning() -> None:
    assert LONG[0] in written(words.draw("title", [passage(LONG)]))


def test_a_picture_of_texts_repeats_byte_for_byte(tmp_path: Path) -> None:
    for name in ("first", "second"):
        figures.save(words.draw("title", [passage(["$a", "b"], [0.5, 0.5])]), tmp_path / name)
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()
