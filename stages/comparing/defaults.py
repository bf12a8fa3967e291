"""What params leave out: a default that is spelt out is none the less a default."""

import inspect
import json
from collections.abc import Callable, Mapping
from typing import Any


def filled(make: Callable[..., Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The keyword arguments `given`, and those that `make` has by itself; tuples are lists, as in YAML."""
    parameters = inspect.signature(make).parameters.values()
    usual = {one.name: one.default for one in parameters if one.default is not one.empty}
    content: dict[str, Any] = json.loads(json.dumps(usual | dict(given)))
    return content
