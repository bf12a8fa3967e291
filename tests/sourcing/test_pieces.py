"""Pieces of words: numbers that a small tokenizer gives, what is put around texts, and what refuses it."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from stages.core import files, masking, rooms
from stages.core.blocks import Holdout
from stages.core.errors import UserError
from stages.core.spec import PAD, Texts
from stages.exporting import usage
from stages.sourcing import pieces, repository, texts
from stages.sourcing.examples import Encoded
from tests.misbehaving import Handler, Server, reply

SPECIAL = ("[PAD]", "[unused0]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
VOCABULARY = (*SPECIAL, "the", "film", "play", "##ing", "##ed", "good", "bad", "was", ".")
UNKNOWN, BEFORE, BEHIND, MASK = 2, 3, 4, 5
COMMIT = "0123456789abcdef0123456789abcdef01234567"
SPLIT = Holdout(seed=0, val=0.25, test=0.25)
TEXTS = ["The film was playing.", "Played, played: GOOD", "bad zebra", "the good film"] * 4
LABELS = ["a", "b"] * 8


def content() -> dict[str, Any]:
    """A tokenizer as the hub has those of BERT, told to cut and to fill up, which it is not to do here."""
    special = [
        {"id": k, "content": word, "single_word": False, "lstrip": False, "rstrip": False}
        | {"normalized": False, "special": True}
        for k, word in enumerate(SPECIAL)
        if word != "[unused0]"
    ]
    around = {word: {"id": word, "ids": [k], "tokens": [word]} for word, k in (("[CLS]", 3), ("[SEP]", 4))}
    single = [
        {"SpecialToken": {"id": "[CLS]", "type_id": 0}},
        {"Sequence": {"id": "A", "type_id": 0}},
        {"SpecialToken": {"id": "[SEP]", "type_id": 0}},
    ]
    return {
        "version": "1.0",
        "truncation": {"max_length": 3, "strategy": "LongestFirst", "stride": 0, "direction": "Right"},
        "padding": {"strategy": {"Fixed": 9}, "direction": "Right", "pad_to_multiple_of": None}
        | {"pad_id": 0, "pad_type_id": 0, "pad_token": "[PAD]"},
        "added_tokens": special,
        "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True}
        | {"strip_accents": None, "lowercase": True},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": single,
            "pair": [*single, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": around,
        },
        "decoder": None,
        "model": {
            "type": "WordPiece",
            "unk_token": "[UNK]",
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": {piece: k for k, piece in enumerate(VOCABULARY)},
        },
    }


def written(folder: Path, **own: Any) -> pieces.Tokenizer:
    file = folder / "tokenizer.json"
    file.write_text(json.dumps(content() | own), encoding="utf-8")
    return pieces.Tokenizer(file=str(file), sha256=files.digest(file))


def encode(folder: Path, **options: Any) -> Encoded:
    examples = texts.classified(TEXTS, LABELS, given="the sample")
    return texts.encode(examples, SPLIT, "sample", tokenizer=written(folder), **options)


def spec(encoded: Encoded) -> Texts:
    return Texts(dataset="sample", source="text_csv", sha256={}, **encoded.facts)


def rows(encoded: Encoded) -> set[tuple[str, ...]]:
    found = np.concatenate([split["x"] for split in encoded.splits.values()])
    return {tuple(VOCABULARY[number] for number in row if number != PAD) for row in found}


def test_words_are_cut_into_pieces_and_a_text_has_its_beginning_and_end(tmp_path: Path) -> None:
    assert rows(encode(tmp_path)) == {
        ("[CLS]", "the", "film", "was", "play", "##ing", ".", "[SEP]"),
        ("[CLS]", "play", "##ed", "[UNK]", "play", "##ed", "[UNK]", "good", "[SEP]"),
        ("[CLS]", "bad", "[UNK]", "[SEP]"),
        ("[CLS]", "the", "good", "film", "[SEP]"),
    }


def test_a_text_that_is_cut_keeps_its_end(tmp_path: Path) -> None:
    encoded = encode(tmp_path, length=4)
    assert ("[CLS]", "the", "film", "[SEP]") in rows(encoded)
    assert encoded.facts["shape"] == (4,)
    whole = encode(tmp_path)
    assert whole.facts["cut"] == {"train": 0, "val": 0, "test": 0}
    for name, split in whole.splits.items():
        said = split["lengths"] - 2
        assert encoded.facts["cut"][name] == pytest.approx(1 - said.clip(max=2).sum() / said.sum())


def test_what_is_unknown_is_counted_among_what_the_texts_say(tmp_path: Path) -> None:
    encoded = encode(tmp_path)
    for name, split in encoded.splits.items():
        said = (split["x"] != PAD).sum() - 2 * len(split["x"])
        assert encoded.facts["unknown"][name] == pytest.approx((split["x"] == UNKNOWN).sum() / said)


def test_the_vocabulary_is_that_of_the_tokenizer_whatever_stands_in_train(tmp_path: Path) -> None:
    facts = spec(encode(tmp_path, per_class=1))
    assert facts.vocabulary == VOCABULARY
    assert facts.special == (PAD, UNKNOWN, BEFORE, BEHIND, MASK)
    assert facts.counts["train"] == (1, 1)


@pytest.mark.parametrize(
    ("key", "value", "default"),
    [("words", 30000, 20000), ("min_frequency", 2, 1), ("lower", False, True), ("punctuation", True, False)],
)
def test_what_the_tokenizer_decides_is_not_to_be_decided_beside_it(
    tmp_path: Path, key: str, value: object, default: object
) -> None:
    told = f"^{key} must be {default} beside tokenizer, whose words are its own, got {value}$"
    with pytest.raises(ValueError, match=told):
        encode(tmp_path, **{key: value})
    assert encode(tmp_path, **{key: default}).facts == encode(tmp_path).facts


def test_a_vocabulary_with_a_mask_has_its_own_and_hides_no_beginning_nor_end(tmp_path: Path) -> None:
    encoded = encode(tmp_path)
    facts = spec(encoded)
    assert masking.mask(facts) == MASK
    x = torch.from_numpy(encoded.splits["train"]["x"])
    hidden = masking.draw(x, facts, share=0.9)
    assert set(x[hidden].tolist()).isdisjoint(facts.special)
    assert (x[~hidden] == BEFORE).sum() == len(x)


def test_what_the_spec_keeps_is_enough_to_read_texts_without_the_file(tmp_path: Path) -> None:
    encoded = encode(tmp_path)
    facts = Texts.model_validate_json(spec(encoded).model_dump_json())
    assert facts.tokenizer is not None
    alone = json.loads(json.dumps(facts.tokenizer))
    alone["model"]["vocab"] = {piece: k for k, piece in enumerate(facts.vocabulary)}
    reader = Tokenizer.from_str(json.dumps(alone))
    found = {tuple(reader.encode(text).tokens) for text in TEXTS}
    assert found == rows(encoded)
    told = usage.preprocessing(facts)
    assert "spec.tokenizer" in told["formula"] and "spec.words" not in told["formula"]


def test_a_file_other_than_the_one_that_was_meant_is_refused(tmp_path: Path) -> None:
    meant = written(tmp_path)
    other = meant.model_copy(update={"sha256": "0" * 64})
    with pytest.raises(ValueError, match=rf"^tokenizer\.sha256 must be that of .*{meant.sha256}, got 000"):
        pieces.read(other)


def test_a_digest_may_be_written_in_capitals(tmp_path: Path) -> None:
    meant = written(tmp_path)
    loud = pieces.Tokenizer(file=meant.file, sha256=meant.sha256.upper())
    np.testing.assert_array_equal(pieces.read(loud).of("the film"), [6, 7])


def test_a_file_at_an_address_is_downloaded_and_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "mirror/tokenizer"
    place.mkdir(parents=True)
    meant = written(place)
    monkeypatch.setenv("DATA_MIRROR", str(tmp_path / "mirror"))
    there = meant.model_copy(
        update={"file": "https://example.org/name/resolve/0123abcd/tokenizer.json?download=true"}
    )
    np.testing.assert_array_equal(pieces.read(there).of("the film"), [6, 7])


def test_an_address_of_no_file_is_told_by_its_own_key() -> None:
    nowhere = pieces.Tokenizer(file="https://example.org/", sha256="0" * 64)
    with pytest.raises(ValueError, match=r"^tokenizer\.file must be the http\(s\) address of a file, got "):
        pieces.read(nowhere)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    missing = pieces.Tokenizer(file=str(tmp_path / "none.json"), sha256="0" * 64)
    with pytest.raises(ValueError, match=r"^tokenizer\.file must be a tokenizer\.json that is there, got "):
        pieces.read(missing)


@pytest.mark.parametrize(
    "own",
    [
        {"model": {"type": "BPE", "vocab": {}}},
        {"model": None},
        {"normalizer": {"type": "OfTomorrow"}},
        {"added_tokens": [{"id": 7, "content": "[PAD]", "special": True}]},
        # The rows of a network are by number: none may be left out.
        {"model": content()["model"] | {"vocab": content()["model"]["vocab"] | {"late": 99}}},
        {"model": {key: one for key, one in content()["model"].items() if key != "unk_token"}},
    ],
)
def test_what_is_no_tokenizer_of_pieces_that_fills_up_with_zero_is_refused(
    tmp_path: Path, own: dict[str, Any]
) -> None:
    with pytest.raises(UserError, match=rf"^{re.escape(str(tmp_path))}/tokenizer\.json must "):
        pieces.read(written(tmp_path, **own))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "file must be given, or name instead, of a model of the hub, got neither"),
        ({"file": "a.json", "name": "a/b"}, "name must not be given beside file, got 'a/b'"),
        ({"file": "a.json"}, "sha256 must be the 64 hex digits that go with file, got ''"),
        ({"file": "a.json", "sha256": "0a"}, "sha256 must be 64 hex digits, got '0a'"),
        ({"name": "a/b"}, "revision must be the 40 hex digits of a commit, got ''"),
        ({"name": "a/b", "revision": "main"}, "revision must be the 40 hex digits of a commit, got 'main'"),
        ({"name": "a/b/c", "revision": COMMIT}, "name must be that of a model of the hub, owner/model, got"),
        (
            {"name": "a/b", "revision": COMMIT, "sha256": "0" * 64},
            "sha256 must not be given beside name, got '000",
        ),
        (
            {"file": "a.json", "sha256": "0" * 64, "revision": COMMIT},
            "revision must not be given beside file, got",
        ),
    ],
)
def test_what_does_not_pin_one_tokenizer_is_refused_before_any_text_is_read(
    given: dict[str, str], told: str
) -> None:
    with pytest.raises(UserError) as error:
        rooms.check_arguments(texts.encode, {"tokenizer": given}, at="datasets.own.encode")
    assert str(error.value).startswith(f"datasets.own.encode.tokenizer.{told}")


def test_the_tokenizer_of_a_model_of_the_hub_is_that_of_its_commit(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def give(handler: Handler) -> None:
        asked.append(handler.path)
        body = json.dumps(content()).encode()
        reply(handler, body, length=len(body))

    asked: list[str] = []
    server.behaviours = [give]
    monkeypatch.setattr(repository, "HUB", server.url)
    of_the_hub = pieces.Tokenizer(name="someone/model", revision=COMMIT)
    np.testing.assert_array_equal(pieces.read(of_the_hub).of("the film"), [6, 7])
    assert asked == [f"/someone/model/resolve/{COMMIT}/tokenizer.json"]


def test_a_text_must_have_room_beside_its_beginning_and_end(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^length must be greater than 2, which stand around a text, got 2"):
        encode(tmp_path, length=2)
