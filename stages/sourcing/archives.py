"""Files inside archives, read without unpacking."""

import re
import tarfile
from collections.abc import Iterator
from pathlib import Path


def members(archive: Path, pattern: str) -> Iterator[tuple[str, bytes]]:
    """Name and content of each file of a tar archive whose whole name fits a regular expression."""
    with tarfile.open(archive) as packed:
        for member in packed:
            content = packed.extractfile(member) if re.fullmatch(pattern, member.name) else None
            if content:
                yield member.name, content.read()
