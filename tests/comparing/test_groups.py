"""Who is compared with whom, and who chooses."""

from dataclasses import replace

from stages.comparing import groups
from tests.compared import ACCURACY, ERROR, entry, group


def names(chosen: dict[str, groups.Entry]) -> dict[str, str]:
    return {kind: found.name for kind, found in chosen.items()}


def test_test_ranks_and_validation_chooses_one_of_each_kind() -> None:
    found = group(
        entry("lucky", accuracy=0.9, val_accuracy=0.5),
        entry("sound", accuracy=0.8, val_accuracy=0.7),
        entry("plain", kind="baseline", accuracy=0.6, val_accuracy=0.6),
        entry("best", kind="baseline", accuracy=0.5, val_accuracy=0.9),
    )
    assert [one.name for one in found.ranked] == ["lucky", "sound", "plain", "best"]
    assert names(found.chosen) == {"network": "sound", "baseline": "best"}


def test_of_equals_on_validation_the_first_of_the_params_is_chosen_whatever_test_says() -> None:
    first, second = (
        entry(name, val_accuracy=0.7, accuracy=score) for name, score in (("a", 0.1), ("b", 0.9))
    )
    assert names(group(first, second).chosen) == {"network": "a"}
    assert names(group(second, first).chosen) == {"network": "b"}


def test_who_lacks_a_score_is_ranked_last_and_not_chosen() -> None:
    found = group(entry("none", val_mse=0.0), entry("some", mse=0.5, val_mse=0.5), column=ERROR)
    assert [one.name for one in found.ranked] == ["some", "none"]
    assert names(found.chosen) == {"network": "some"}


def test_less_of_an_error_is_better() -> None:
    found = group(entry("a", mse=0.5, val_mse=0.5), entry("b", mse=0.4, val_mse=0.6), column=ERROR)
    assert [one.name for one in found.ranked] == ["b", "a"]
    assert names(found.chosen) == {"network": "a"}


def test_groups_of_a_task_stand_together_in_order_of_appearance() -> None:
    told = [("classification", "x"), ("forecasting", "x"), ("classification", "y"), ("classification", "x")]
    entries = [replace(entry(str(i)), task=task, dataset=data) for i, (task, data) in enumerate(told)]
    found = groups.find(entries)
    assert [(one.title, [e.name for e in one.entries]) for one in found] == [
        ("classification on x", ["0", "3"]),
        ("classification on y", ["2"]),
        ("forecasting on x", ["1"]),
    ]
    assert found[0].leading[:3] == ACCURACY[:3]
    assert found[0].about == "Classification: which of K classes an example is of"
