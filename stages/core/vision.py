"""The one door to torchvision: `from stages.core.vision import torchvision`.

A wheel of torchvision whose compiled operators do not load beside the installed torch breaks off its own
import at the schema of `nms`, which only detection networks call. Its readers and transforms are plain
Python: with the two schemas declared by hand they work. Nothing else imports torchvision directly.
"""

import importlib
import sys
from types import ModuleType

import torch.library

_SYMPTOM = "operator torchvision::nms does not exist"
_SCHEMAS = tuple(
    f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor" for name in ("nms", "qnms")
)
# A library takes its schemas along when it is collected.
_declared: list[torch.library.Library] = []


def _import() -> ModuleType:
    try:
        return importlib.import_module("torchvision")
    except RuntimeError as error:
        if _SYMPTOM not in str(error):
            raise
    for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
        del sys.modules[name]
    library = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
    for schema in _SCHEMAS:
        library.define(schema)  # type: ignore[no-untyped-call]
    _declared.append(library)
    return importlib.import_module("torchvision")


torchvision = _import()
