"""Text files that are not of the encoding they are said to have."""

from pathlib import Path

from stages.core.checking import shown

_AROUND = 20  # bytes on either side


def mistaken(encoding: str, file: Path, error: LookupError | ValueError) -> ValueError:
    """What to raise instead of `error`: it names the encoding, and the byte with what stands around it."""
    said = str(error)
    if isinstance(error, UnicodeDecodeError):
        around = error.object[max(0, error.start - _AROUND) : error.start + _AROUND]
        said = f"byte 0x{error.object[error.start]:02x} in {around!r}: {error.reason}"
    return ValueError(f"encoding must be that of {file.name}, got {shown(encoding)}; {said}")
