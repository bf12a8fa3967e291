"""Checksums: of whom they come, and what is held against them."""

import hashlib
from pathlib import Path

import pytest

from stages.sourcing.fetching import Remote
from tests.fetched import assert_complete, fetch, told
from tests.misbehaving import (
    CONTENT,
    MD5,
    NAME,
    Behaviour,
    Handler,
    Server,
    failing,
    good,
    missing,
    reply,
    resumable,
    truncated,
    truncated_unannounced,
    wrong,
)

NAMED = f"someone/model/0123abc/{NAME}"  # which nobody else has the name of


def said(digest: str) -> Behaviour:
    """A server that leads elsewhere, and tells the SHA-256 of what lies there."""

    def leading(handler: Handler) -> None:
        reply(handler, b"", status=302, length=0, Location="/moved", X_Linked_Etag=digest)

    return leading


@pytest.mark.parametrize("spelled", ['"{}"', "{}", 'W/"{}"'])
def test_where_nobody_wrote_a_digest_down_the_servers_own_is_asked_for(
    server: Server, raw: Path, spelled: str
) -> None:
    remote = Remote(NAMED, "", server.remote.urls)
    digest = hashlib.sha256(CONTENT).hexdigest()
    server.behaviours = [said(spelled.format(digest)), truncated_unannounced] * 3
    assert f"sha256 must be {digest}, got " in told(raw, remote)
    server.behaviours = [said(spelled.format(digest)), good]
    fetch(raw, remote)
    assert_complete(raw)


def test_a_digest_that_was_written_down_is_worth_more_than_the_servers(server: Server, raw: Path) -> None:
    server.behaviours = [said("0" * 64), good]
    fetch(raw, server.remote)
    assert_complete(raw)


@pytest.mark.parametrize("digest", ["", "0" * 40, "0" * 63])
def test_what_is_no_sha256_says_nothing(server: Server, raw: Path, digest: str) -> None:
    server.behaviours = [said(digest), good]
    fetch(raw, Remote(NAMED, "", server.remote.urls))
    assert_complete(raw)


def test_what_came_without_a_digest_is_asked_for_again(server: Server, raw: Path) -> None:
    named, other = Remote(NAMED, "", server.remote.urls), Remote("other", MD5, (f"{server.url}/other",))
    server.behaviours = [wrong, missing]
    told(raw, named, other)
    server.behaviours, server.asked = [good], []
    fetch(raw, named)
    assert server.asked == [None]
    assert_complete(raw)


def test_of_the_folders_of_a_name_none_is_left_where_nothing_came(server: Server, raw: Path) -> None:
    server.behaviours = [missing]
    told(raw, Remote(NAMED, "", server.remote.urls))
    assert not list(raw.parent.iterdir())


def test_a_break_is_resumed_for_the_file_of_that_name_alone(server: Server, raw: Path) -> None:
    server.behaviours = [truncated, failing]
    told(raw, Remote(NAMED, "", server.remote.urls))
    server.behaviours, server.asked = [resumable], []
    fetch(raw, Remote(NAMED.replace("0123abc", "4567def"), "", server.remote.urls))
    assert server.asked == [None]
    assert_complete(raw)


@pytest.mark.parametrize("algorithm", ["md5", "sha256"])
def test_the_algorithm_of_a_checksum_is_known_by_its_length(
    server: Server, raw: Path, algorithm: str
) -> None:
    digest = hashlib.new(algorithm, CONTENT).hexdigest()
    server.behaviours = [wrong]
    line = told(raw, Remote(NAME, digest, server.remote.urls))
    other = hashlib.new(algorithm, b"x" * len(CONTENT)).hexdigest()
    assert f"{algorithm} must be {digest}, got {other} of {len(CONTENT):,} bytes" in line
    server.behaviours = [good]
    fetch(raw, Remote(NAME, digest, server.remote.urls))
    assert_complete(raw)
