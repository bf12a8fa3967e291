"""Many pictures as pixels: decoded on every core, kept on disk."""

import warnings
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import UnidentifiedImageError

from stages.sourcing import cores, disk, pictures
from stages.sourcing.disk import OnDisk
from stages.sourcing.pictures import Form


class Decoded(NamedTuple):
    """Pixels `x` (N, C, H, W), the places `rows` (N) of their files, and what is wrong with the others."""

    x: OnDisk
    rows: NDArray[np.int64]
    broken: dict[Path, str]


def decode(files: Sequence[Path], form: Form, *, title: str) -> Decoded:
    """The pictures in the order of `files`, whatever the number of cores; a terminal is shown a bar."""
    from tqdm import tqdm

    rows: list[int] = []
    broken: dict[Path, str] = {}
    bar = tqdm(total=len(files), desc=title, unit="picture", leave=False, disable=None)

    def pixels() -> Iterator[NDArray[np.uint8]]:
        for place, found in enumerate(cores.each(partial(_attempt, form), files)):
            bar.update()
            if isinstance(found, str):
                broken[files[place]] = found
            else:
                rows.append(place)
                yield found

    with warnings.catch_warnings(), bar:
        # Pillow warns of what it reads all the same, and of half of the size that it refuses.
        warnings.simplefilter("ignore")
        x = disk.joined(pixels(), form.shape)
    return Decoded(x, np.array(rows, np.int64), broken)


def _attempt(form: Form, file: Path) -> NDArray[np.uint8] | str:
    """The pixels of a file, or what is wrong with it."""
    content = file.read_bytes()
    try:
        return pictures.decode(content, form)
    except MemoryError:
        raise
    except UnidentifiedImageError:
        return "no picture of a known format" if content else "empty"
    except Exception as error:  # Pillow's many readers raise whatever they stumble over.
        return " ".join(str(error).split()) or type(error).__name__
