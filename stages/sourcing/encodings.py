"""Text files that are not of the encoding they are said to have."""

import codecs
from collections.abc import Iterator
from pathlib import Path

from stages.core.checking import shown

_AROUND = 20  # bytes or letters on either side
_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# What texts most often are of, the strictest first: what is no UTF-8 is what Windows writes, or nearly.
_COMMON = ("utf-8", "cp1252", "latin-1")


def mistaken(encoding: str, file: Path, error: LookupError | ValueError) -> ValueError:
    """What to raise instead of `error`: it names the encoding, the byte, and one that reads what is there."""
    said = str(error)
    if isinstance(error, UnicodeDecodeError):
        around = error.object[max(0, error.start - _AROUND) : error.start + _AROUND]
        said = f"byte 0x{error.object[error.start]:02x} in {around!r}: {error.reason}"
        said += next(_readings(error, besides=encoding), "")
    return ValueError(f"encoding must be that of {file.name}, got {shown(encoding)}; {said}")


def _readings(error: UnicodeDecodeError, *, besides: str) -> Iterator[str]:
    """What other encodings make of what stands around an error, of those that read all of the content."""
    content, at = error.object, error.start
    for encoding in ("utf-16",) if content.startswith(_MARKS) else _COMMON:
        if encoding == codecs.lookup(besides).name:
            continue
        decoder = codecs.getincrementaldecoder(encoding)()  # which may be cut within a letter
        try:
            before, behind = decoder.decode(content[:at]), decoder.decode(content[at:])
        except UnicodeDecodeError:
            continue
        yield f"; as {encoding} it reads {shown(before[-_AROUND:] + behind[:_AROUND])}"
