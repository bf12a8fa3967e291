"""One file over HTTP through pooch, and what a server may give in its stead."""

import re
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

TIMEOUT = 30.0  # seconds without a byte
_CHUNK = 2**16
# A request that timed out, a range past the end (what we have is then dropped), too many requests.
_PASSING = {408, 416, 429}
_MD5 = 32  # hex digits; any other number are those of a SHA-256 or of its beginning, as weights are published
# With it the hub of Hugging Face says the SHA-256 of a large file, on the answer that leads to where it lies.
_LINKED = "X-Linked-Etag"


class RefusalError(Exception):
    """What a place gave instead of the file, and whether asking it again may help."""

    def __init__(self, said: str, *, again: bool) -> None:
        super().__init__(said)
        self.again = again


def is_there(url: str) -> bool:
    """Whether a server says that it has the file."""
    import pooch
    import requests

    try:
        return bool(pooch.HTTPDownloader(timeout=TIMEOUT)(url, None, None, check_only=True))
    except requests.RequestException:
        return False


def stream(url: str, file: IO[bytes], *, title: str) -> str:
    """Append what `file` lacks of the content of `url`; a terminal is shown a bar called `title`.

    Returns the SHA-256 that the server says the file has, or "".

    Raises:
        RefusalError: the server is not reached, answers with an error or breaks off.
    """
    import pooch
    import requests
    from tqdm import tqdm

    resume = {"Range": f"bytes={file.tell()}-"} if file.tell() else {}
    headers = {"Accept-Encoding": "identity", **resume}
    hidden = not sys.stderr.isatty()
    shown = tqdm(total=1, desc=title, unit="B", unit_scale=True, leave=False, disable=hidden)
    with ExitStack() as open_ones, shown as bar:
        answers = _Answers(file, open_ones)
        get = pooch.HTTPDownloader(
            progressbar=bar, chunk_size=_CHUNK, timeout=TIMEOUT, headers=headers, hooks={"response": answers}
        )
        try:
            get(url, file, None)
            return answers.said
        except requests.RequestException as error:
            status = error.response.status_code if error.response is not None else 500
            raise RefusalError(_reason(error), again=status >= 500 or status in _PASSING) from error


class _Answers:
    """What is said before the content of `file` comes, also by those that only say where it lies."""

    def __init__(self, file: IO[bytes], open_ones: ExitStack) -> None:
        self._file = file
        self._open_ones = open_ones
        self.said = ""

    def __call__(self, response: Any, **_: Any) -> None:
        self._open_ones.callback(response.close)  # pooch leaves that to the garbage collector
        if response.status_code in (200, 416):  # it starts over
            self._file.truncate(0)
        # Some servers take a .gz file for a page that they compressed; the checksum is of the .gz.
        response.raw.headers.pop("Content-Encoding", None)
        linked = re.fullmatch('(?:W/)?"?([0-9a-f]{64})"?', response.headers.get(_LINKED, ""))
        self.said = linked[1] if linked else self.said


def _reason(error: Any) -> str:
    """The innermost cause: what is wrapped around it only repeats the address."""
    if error.response is not None:
        return f"HTTP {error.response.status_code} {error.response.reason}".strip()
    while inner := error.__cause__ or error.__context__:
        error = inner
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(str(said).split())


def digest(path: Path, *, like: str) -> str:
    """The checksum of a file, by the algorithm that `like` is of."""
    import pooch

    return str(pooch.file_hash(path, alg=_algorithm(like)))[: len(like)]


def verify(path: Path, *, wanted: str, again: bool) -> None:
    """Hold a file against its checksum, and remove it where it is another.

    Args:
        wanted: "" where nobody knows it; whoever reads the file must then tell.
        again: whether another attempt may bring another file.

    Raises:
        RefusalError: it was another file; the message tells what.
    """
    got = digest(path, like=wanted) if wanted else wanted
    if got == wanted:
        return
    with path.open("rb") as file:
        start = file.read(1024).lstrip().lower()
    what = f"{got} of {path.stat().st_size:,} bytes"
    if start.startswith((b"<!doctype html", b"<html")):
        what = "an HTML page"
    path.unlink()
    raise RefusalError(f"{_algorithm(wanted)} must be {wanted}, got {what}", again=again)


def _algorithm(checksum: str) -> str:
    return "md5" if len(checksum) == _MD5 else "sha256"
