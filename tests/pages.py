"""README.md and the pages below docs/: what stands in them, for tests to hold it against the project."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import yaml

from tests.samples import ROOT

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADINGS = ("datasets", "pretrained", "models", "baselines")


class Block(NamedTuple):
    """What stands between ``` and ```, and the language that it is said to be of."""

    language: str
    text: str


@dataclass(frozen=True)
class Page:
    """A page, by its path from the root of the project."""

    path: str

    def __str__(self) -> str:
        return self.path

    @cached_property
    def text(self) -> str:
        """All of it."""
        return (ROOT / self.path).read_text(encoding="utf-8")

    @property
    def blocks(self) -> list[Block]:
        """Its blocks in their order."""
        return [Block(*found) for found in _BLOCK.findall(self.text)]

    @property
    def prose(self) -> str:
        """What stands outside of them."""
        return _BLOCK.sub("", self.text)

    @property
    def links(self) -> list[str]:
        """Where it leads to."""
        return _LINK.findall(self.prose)

    @property
    def anchors(self) -> set[str]:
        """Its headings as links call them: small letters, no signs, hyphens for spaces."""
        titles = re.findall(r"^#+ (.*)$", self.prose, re.MULTILINE)
        return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


README = Page("README.md")
# In the order in which the README names them.
PAGES = [
    README,
    *map(Page, dict.fromkeys(re.findall(r"\((docs/\w+\.md)\)", README.text.split("## Pages")[1]))),
]


def blocks(language: str) -> list[str]:
    """All of that language, page by page."""
    return [block.text for page in PAGES for block in page.blocks if block.language == language]


def params() -> dict[str, dict[str, Any]]:
    """Heading -> name -> block: all that the pages write into params.yaml."""
    found: dict[str, dict[str, Any]] = {heading: {} for heading in HEADINGS}
    for text in blocks("yaml"):
        for heading, named in yaml.safe_load(text).items():
            assert not found[heading].keys() & named.keys()
            found[heading] |= named
    return found


def add(text: str, content: str) -> str:
    """The `content` of params.yaml with the blocks of `text` under its headings; not those that it has."""
    for heading, named in re.findall(r"^(\w+):.*\n((?: .*\n)+)", text, re.MULTILINE):
        if any(name in yaml.safe_load(content)[heading] or () for name in yaml.safe_load(named)):
            continue  # lines of a block that is there already
        content, count = re.subn(
            rf"^{heading}:( {{}})?\n", f"{heading}:\n{named}", content, flags=re.MULTILINE
        )
        assert count == 1
    return content
