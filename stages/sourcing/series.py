"""Series as they go to disk: cut by time, and what is known of them."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stages.core.blocks import Holdout
from stages.core.checking import nearest, shown
from stages.core.errors import UserError
from stages.core.ranges import Count
from stages.core.spec import Series
from stages.sourcing.examples import Encoded, Record

# Of a column's deviation: what rounding to float32 may take away.
_ROUNDING = 1e-3

Parts = dict[str, slice]


def encode(
    record: Record,
    split: Holdout,
    dataset: str,
    *,
    window: Count = 48,
    horizon: Count = 12,
    period: Count = 24,
    targets: tuple[str, ...] = (),
    inputs: tuple[str, ...] = (),
) -> Encoded[Series]:
    """Cut a series by time into train, val and test: at its official borders, else by the shares of `split`.

    Args:
        period: the steps of a season.
        targets: the columns to forecast; all where none is named.
        inputs: columns beside them that are only looked at.

    Raises:
        ValueError: a split is too short, a season longer than a window, or a column unknown or named twice.
        UserError: a target never changes in train, or float32 cannot hold a column.
    """
    if period > window:
        raise ValueError(f"period (24 where none is set) must be at most window ({window:,}), got {period}")
    chosen = _chosen(record, targets, inputs)
    parts = _parts(chosen, split, dataset, window, horizon)
    sizes = {"shape": (window, len(chosen.columns)), "horizon": horizon, "period": period}
    facts = _facts(chosen, parts, len(targets or record.columns), dataset) | sizes
    steps = _rounded(chosen, facts["std"], dataset)
    return Encoded(Series, facts, {name: {"x": steps[part]} for name, part in parts.items()})


def _chosen(record: Record, targets: tuple[str, ...], inputs: tuple[str, ...]) -> Record:
    """The targets, then the other inputs."""
    columns: tuple[str, ...] = () if targets else record.columns
    for key, names in (("targets", targets), ("inputs", inputs)):
        for name in names:
            if name not in record.columns:
                known = nearest(name, record.columns)
                raise ValueError(f"{key} must be columns of the series, got {shown(name)}; {known}")
            if name in columns:
                raise ValueError(f"{key} must name no column again, got {shown(name)}")
            columns += (name,)
    order = [record.columns.index(name) for name in columns]
    return replace(record, columns=columns, values=record.values[:, order])


def _parts(record: Record, split: Holdout, dataset: str, window: int, horizon: int) -> Parts:
    """The steps of each split.

    Val and test begin `window` steps early: each of their own steps is forecast, and no other.
    """
    steps = len(record.values)
    test = steps - round(split.test * steps)
    val, test, end = record.borders or (test - round(split.val * steps), test, steps)
    for name, own in (("val", test - val), ("test", end - test)):
        if own < horizon:
            raise ValueError(f"horizon must be at most the {own:,} steps of {name}, got {horizon}")
    if val < window + horizon:
        needed = f"with horizon ({horizon:,}) {window + horizon:,} steps are needed, train has {val:,}"
        raise ValueError(f"window must be less: {needed}, got {window}")
    if record.borders:
        print(f"{dataset}: official borders kept, `split` not used", flush=True)
    return {"train": slice(0, val), "val": slice(val - window, test), "test": slice(test - window, end)}


def _facts(record: Record, parts: Parts, targets: int, dataset: str) -> dict[str, Any]:
    """What can be measured; the deviation of a column that never changes is 1, as it is divided by.

    Raises:
        UserError: one of the targets is such a column.
    """
    train = record.values[parts["train"]]
    is_constant = np.ptp(train, axis=0) == 0
    for place in np.flatnonzero(is_constant[:targets]):
        got = f"got {train[0, place]:g} in all {len(train):,} rows: there is nothing to forecast"
        remedy = "name the columns to forecast in `targets` of encode"
        raise UserError(
            f"datasets.{dataset}: {shown(record.columns[place])} must vary in train, {got}; {remedy}"
        )
    return {
        "columns": record.columns,
        "targets": targets,
        "steps": {name: part.stop - part.start for name, part in parts.items()},
        "mean": tuple(train.mean(axis=0).tolist()),
        "std": tuple(np.where(is_constant, 1.0, train.std(axis=0)).tolist()),
    }


def _rounded(record: Record, std: tuple[float, ...], dataset: str) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):
        rounded = record.values.astype(np.float32)
    lost = np.abs(rounded - record.values).max(axis=0) / std
    worst = int(lost.argmax())
    if lost[worst] > _ROUNDING:
        raise UserError(
            f"datasets.{dataset}: float32 must hold a column to {_ROUNDING} of its deviation in train, got "
            f"{lost[worst]:.2g} for {record.columns[worst]!r}: take off what its values share, or divide it"
        )
    return rounded
