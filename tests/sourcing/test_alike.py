"""Classes that may be meant as one: which are told of, and in how many words."""

import pytest

from stages.sourcing import alike


@pytest.mark.parametrize(
    ("classes", "named"),
    [
        (("Tech", "art", "tech"), "'Tech' and 'tech'"),
        (("a", "a ", " A", "b", "B"), "'a' and 'a ' and ' A', 'b' and 'B'"),
        (("caf\u00e9", "cafe\u0301"), "'caf\u00e9' and 'cafe\u0301'"),
        (("Strasse", "stra\u00dfe"), "'Strasse' and 'stra\u00dfe'"),
        (("film", "\uff46ilm"), "'film' and '\uff46ilm'"),  # as wide as an ideograph
        ((*"abcdABCD",), "'a' and 'A', 'b' and 'B', 'c' and 'C', …"),
    ],
)
def test_what_differs_only_in_case_or_blanks_around_it_is_told_in_one_line(
    classes: tuple[str, ...], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    alike.tell(classes, place="mine.csv")
    told = "mine.csv: classes apart, though they read alike: "
    assert capsys.readouterr().out == f"{told}{named}\n"


def test_nothing_is_said_of_other_classes(capsys: pytest.CaptureFixture[str]) -> None:
    alike.tell(("art", "arts", "a rt"), place="mine.csv")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("positve", "positive"),
        ("Positive", "positive"),
        ("postive ", "positive"),
        ("nuetral", "neutral"),
        ("dog", "dogs"),
    ],
)
def test_a_slip_is_told_by_the_class_that_it_is_near_to(name: str, meant: str) -> None:
    assert alike.meant(name, ("negative", "neutral", "positive", "dogs")) == meant


@pytest.mark.parametrize(
    "classes",
    [
        tuple(map(str, range(100))),
        ("positive", "negative"),
        ("type A", "type B", "type C"),
        ("class_10", "class_1", "class_11"),
        ("spam", "ham"),
        ("1 star", "2 star", "1.5 star"),
        ("male", "female"),
        ("normal", "abnormal"),
        ("infected", "uninfected"),
        ("relevant", "Irrelevant"),
    ],
    ids=lambda classes: classes[0],
)
def test_no_class_is_taken_for_another_that_differs_in_its_meaning(classes: tuple[str, ...]) -> None:
    for name in classes:
        assert alike.meant(name, [other for other in classes if other != name]) is None
