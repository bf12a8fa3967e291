"""The classical forecasters, against scikit-learn and closed forms."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import Ridge as Reference

from stages.classical import ridge
from stages.core import inputs, rooms
from stages.core.errors import UserError
from stages.core.inputs import Arrays
from stages.core.spec import Series
from tests import samples

METHODS = ("repeat_last", "seasonal_naive", "ridge")
FACTS = samples.series_spec()  # windows of 16, horizons of 4, seasons of 8, two targets of three columns


def drawn(facts: Series = FACTS, *, seed: int = 0) -> Arrays:
    return inputs.whole(samples.split(facts, seed=seed), facts)


def fitted(name: str, facts: Series = FACTS, **hyper: Any) -> Any:
    method = rooms.build("classical", name, facts, hyper, at=f"baselines.{name}.hyper")
    method.fit(drawn(facts), drawn(facts, seed=1))
    return method


def examples(arrays: Arrays, look_back: int) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """The pasts less their last value, the horizons less it, and it: one target of one window each."""
    x, y, last = [], [], []
    for window, horizon in zip(arrays.x, arrays.y, strict=True):
        for column in range(FACTS.targets):
            past = window[-look_back:, column].astype(float)
            x.append(past - past[-1])
            y.append(horizon[:, column] - past[-1])
            last.append(past[-1])
    return np.array(x), np.array(y), np.array(last)


def reference(look_back: int, penalty: float) -> tuple[float, NDArray[Any]]:
    """scikit-learn's error on val, and its forecasts (N, F, C) of the third sample."""
    x, y, _ = examples(drawn(), look_back)
    model = Reference(alpha=penalty * len(x), fit_intercept=False).fit(x, y)
    x_val, y_val, _ = examples(drawn(seed=1), look_back)
    x_new, _, last = examples(drawn(seed=2), look_back)
    forecast = (model.predict(x_new) + last[:, None]).reshape(-1, FACTS.targets, FACTS.horizon)
    return float(np.square(model.predict(x_val) - y_val).mean()), forecast.transpose(0, 2, 1)


def test_the_last_value_is_repeated_over_the_horizon() -> None:
    x = drawn().x
    answer = fitted("repeat_last").answer(x)
    for step in range(FACTS.horizon):
        np.testing.assert_array_equal(answer[:, step], x[:, -1, :2])


@pytest.mark.parametrize("period", [1, 3, 8, 16])
def test_each_step_is_what_came_whole_periods_before(period: int) -> None:
    facts = FACTS.model_copy(update={"period": period})
    x = drawn().x
    answer = fitted("seasonal_naive", facts).answer(x)
    for step in range(FACTS.horizon):
        back = 16 + step
        while back >= 16:
            back -= period
        np.testing.assert_array_equal(answer[:, step], x[:, back, :2])


@pytest.mark.parametrize("look_back", [2, 7, 16])
@pytest.mark.parametrize("penalty", [0.001, 1.0])
def test_ridge_is_that_of_scikit_learn_on_windows_less_their_last_value(
    look_back: int, penalty: float
) -> None:
    method = fitted("ridge", look_backs=[look_back], penalties=[penalty])
    np.testing.assert_allclose(method.answer(drawn(seed=2).x), reference(look_back, penalty)[1], atol=1e-5)
    assert method.parameters == (look_back - 1) * FACTS.horizon


def test_ridge_takes_the_look_back_and_the_penalty_of_the_least_error_on_val() -> None:
    look_backs, penalties = (4, 8, 16), (0.0001, 0.01, 1.0)
    found = {(n, p): reference(n, p) for n in look_backs for p in penalties}
    _, forecast = min(found.values(), key=lambda one: one[0])
    method = fitted("ridge", look_backs=list(look_backs), penalties=list(penalties))
    np.testing.assert_allclose(method.answer(drawn(seed=2).x), forecast, atol=1e-5)


def test_the_error_by_which_ridge_chooses_is_that_of_its_forecasts() -> None:
    method, val = ridge.build(FACTS), drawn(seed=1)
    sums = method._moments(drawn())
    weights = sums.solve(0.01)
    x, y, _ = examples(val, FACTS.window)
    expected = np.square(x[:, :-1] @ weights - y).sum(axis=1).mean()
    assert method._moments(val).error(weights) == pytest.approx(expected)


def test_the_sums_do_not_depend_on_how_many_windows_are_taken_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = []
    for size in (7, 1000):
        monkeypatch.setattr(ridge, "_WINDOWS", size)
        answers.append(fitted("ridge").answer(drawn(seed=2).x))
    np.testing.assert_allclose(*answers, atol=1e-6)


def test_unasked_ridge_looks_at_the_window_and_at_halves_that_hold_a_season() -> None:
    facts = samples.series_spec(window=50)
    assert fitted("ridge", facts)._look_backs == (50, 25, 12)


def test_a_look_back_of_one_step_repeats_the_last() -> None:
    x = drawn(seed=2).x
    answer = fitted("ridge", look_backs=[1]).answer(x)
    np.testing.assert_array_equal(answer, fitted("repeat_last").answer(x))


@pytest.mark.parametrize("name", METHODS)
def test_a_forecast_does_not_depend_on_what_else_is_asked(name: str) -> None:
    method, x = fitted(name), drawn(seed=2).x
    np.testing.assert_allclose(method.answer(x[10:13]), method.answer(x)[10:13], atol=1e-6)
    assert method.answer(x).shape == (len(x), *FACTS.outputs)


@pytest.mark.parametrize("name", METHODS)
def test_fitting_twice_gives_the_same_bytes(name: str) -> None:
    one, two = (fitted(name).answer(drawn(seed=2).x).tobytes() for _ in range(2))
    assert one == two


@pytest.mark.parametrize("name", ["repeat_last", "seasonal_naive"])
def test_a_naive_forecast_has_no_parameters(name: str) -> None:
    assert fitted(name).parameters == 0


@pytest.mark.parametrize(
    ("hyper", "told"),
    [
        ({"look_backs": [8, 17]}, r"hyper\.look_backs must be at most the window of 16, got 17$"),
        ({"look_backs": [0]}, r"hyper\.look_backs\.0 must be greater than or equal to 1, got 0$"),
        ({"penalties": []}, r"hyper\.penalties must hold one at least, got \[\]$"),
        ({"penalties": [0.0]}, r"hyper\.penalties\.0 must be greater than 0, got 0\.0$"),
        ({"penalty": 1.0}, r"hyper\.penalty is not known; did you mean 'penalties'\?$"),
    ],
)
def test_wrong_hyper_parameters_are_told_by_their_path(hyper: dict[str, Any], told: str) -> None:
    with pytest.raises(UserError, match=rf"^baselines\.ridge\.{told}"):
        fitted("ridge", **hyper)


@pytest.mark.parametrize("name", METHODS)
def test_images_are_refused(name: str) -> None:
    with pytest.raises(UserError, match=rf"{name} must be given series, got the images of 'sample'$"):
        rooms.build("classical", name, samples.spec(), {}, at="baselines")
