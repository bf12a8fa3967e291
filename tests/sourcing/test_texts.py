"""Texts against scikit-learn, and against what their numbers say when read back."""

import re
import sys
import unicodedata
from collections import Counter
from typing import Any

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer

from stages.core.blocks import Holdout
from stages.core.errors import UserError
from stages.core.spec import PAD, UNKNOWN, Texts
from stages.exporting import usage
from stages.sourcing import texts, tokens
from stages.sourcing.examples import Encoded, Examples

SPLIT = Holdout(seed=0, val=0.2, test=0.2)
RANDOM = np.random.default_rng(0)
# Words of Zipf's law, as those of a language.
WORDS = [f"w{number}" for number in RANDOM.zipf(1.5, 4000) % 40]
TEXTS = [" ".join(WORDS[first : first + size]) for first, size in enumerate(RANDOM.integers(1, 40, 400))]
LABELS = RANDOM.choice(["bad", "good"], len(TEXTS)).tolist()
EXAMPLES = texts.classified(TEXTS, LABELS, given="the sample")


def encode(examples: Examples = EXAMPLES, **options: object) -> Encoded:
    return texts.encode(examples, SPLIT, "sample", **options)  # type: ignore[arg-type]


def spec(encoded: Encoded) -> Texts:
    return Texts(dataset="sample", source="reviews", sha256={}, **encoded.facts)


def read_back(encoded: Encoded, split: str) -> list[str]:
    vocabulary = encoded.facts["vocabulary"]
    return [" ".join(vocabulary[word] for word in row if word != PAD) for row in encoded.splits[split]["x"]]


def official(train: list[str], test: list[str]) -> Examples:
    """Texts labelled in turn, with an official test split."""
    parts = (texts.labelled(part, ["ab"[k % 2] for k in range(len(part))], "ab") for part in (train, test))
    return Examples(("a", "b"), *parts)


def test_every_text_is_there_once_with_its_label_when_read_back() -> None:
    encoded = encode()
    pairs = [
        (text, encoded.facts["classes"][label])
        for split, arrays in encoded.splits.items()
        for text, label in zip(read_back(encoded, split), arrays["y"], strict=True)
    ]
    assert Counter(pairs) == Counter(zip(TEXTS, LABELS, strict=True))


def test_the_vocabulary_is_that_of_scikit_learn_on_the_train_split_by_frequency_then_alphabet() -> None:
    encoded = encode()
    counter = CountVectorizer(token_pattern=r"\w+")
    counts = np.asarray(counter.fit_transform(read_back(encoded, "train")).sum(axis=0))[0]
    frequency = dict(zip(counter.get_feature_names_out(), counts.tolist(), strict=True))
    vocabulary = encoded.facts["vocabulary"]
    assert vocabulary[:2] == ("<pad>", "<unk>")
    assert list(vocabulary[2:]) == sorted(frequency, key=lambda word: (-frequency[word], word))


def test_at_most_so_many_words_are_known_and_each_is_frequent_enough() -> None:
    everything, few = encode().facts["vocabulary"], encode(words=10).facts["vocabulary"]
    assert few == everything[:12]
    train = Counter(" ".join(read_back(encode(), "train")).split())
    frequent = encode(min_frequency=100).facts["vocabulary"]
    assert set(frequent[2:]) == {word for word, count in train.items() if count >= 100}
    assert 0 < len(frequent) - 2 < len(train)


def test_words_of_the_other_splits_alone_are_unknown() -> None:
    encoded = encode(official(["one two", "two one"] * 5, ["one three", "four two"]))
    assert encoded.facts["vocabulary"] == ("<pad>", "<unk>", "one", "two")
    assert encoded.splits["test"]["x"].tolist() == [[2, UNKNOWN], [UNKNOWN, 3]]
    assert encoded.facts["unknown"] == {"train": 0.0, "val": 0.0, "test": 0.5}


def test_inputs_are_padded_behind_and_lengths_count_their_words() -> None:
    encoded = encode(length=12)
    for arrays in encoded.splits.values():
        assert {name: array.dtype for name, array in arrays.items()} == {
            "x": np.int32,
            "y": np.int64,
            "lengths": np.int32,
        }
        assert arrays["x"].shape == (len(arrays["y"]), 12)
        assert ((arrays["x"] != PAD) == (np.arange(12) < arrays["lengths"][:, None])).all()
        assert arrays["lengths"].min() >= 1


@pytest.mark.parametrize(("length", "shape"), [(5, (5,)), (39, (39,)), (100, (39,))])
def test_inputs_are_as_long_as_asked_or_as_the_longest_text(length: int, shape: tuple[int]) -> None:
    encoded = encode(length=length)
    assert encoded.facts["shape"] == shape
    assert {arrays["x"].shape[1:] for arrays in encoded.splits.values()} == {shape}


def test_a_longer_text_keeps_its_first_words_and_the_share_of_words_cut_off_is_told() -> None:
    whole, short = encode(), encode(length=7)
    for split in whole.splits:
        lines = [text.split() for text in read_back(whole, split)]
        assert [len(text.split()) for text in read_back(short, split)] == [
            min(7, len(line)) for line in lines
        ]
        lost = sum(max(0, len(line) - 7) for line in lines)
        assert short.facts["cut"][split] == pytest.approx(lost / sum(map(len, lines)))
        assert whole.facts["cut"][split] == 0


def test_words_that_are_always_cut_off_are_unknown() -> None:
    encoded = encode(official(["a b c"] * 10, ["c b a", "b"]), length=2)
    assert encoded.facts["vocabulary"] == ("<pad>", "<unk>", "a", "b")
    assert read_back(encoded, "test") == ["<unk> b", "b"]


def test_texts_without_words_are_left_out_counted_and_said(capsys: pytest.CaptureFixture[str]) -> None:
    encoded = encode(official(["one", "two", "...", ""] * 5, ["one", "two", " \n"]))
    assert (spec(encoded).size("train") + spec(encoded).size("val"), spec(encoded).size("test")) == (10, 2)
    assert encoded.facts["empty"] == 11
    assert capsys.readouterr().out.startswith(
        "sample: 12 texts, 2 words, of those of test 0.0 % cut off, 0.0 % unknown, 11 empty left out\n"
    )


def test_repeated_texts_are_shares_of_their_split_and_said(capsys: pytest.CaptureFixture[str]) -> None:
    encoded = encode(official(["one", "two"] * 10, ["One!", "two", "three", "one two"]), length=1)
    assert encoded.facts["repeated"] == {"train": 14 / 16, "val": 1.0, "test": 0.5}
    assert capsys.readouterr().out.splitlines()[1:] == [
        "sample: 100 % of val stand in train too",
        "sample: 50 % of test stand in train too",
    ]


def test_nothing_is_said_of_repeated_texts_where_there_are_none(capsys: pytest.CaptureFixture[str]) -> None:
    encode(official([f"text {k}" for k in range(20)], ["new", "other"]))
    assert "train too" not in capsys.readouterr().out


def test_facts_fit_the_spec_of_texts() -> None:
    facts = spec(encode())
    assert facts.outputs == (2,)
    assert sum(map(sum, facts.counts.values())) == len(TEXTS)


def test_the_same_texts_give_the_same_bytes() -> None:
    one, two = encode(), encode()
    assert one.facts == two.facts
    for split, arrays in one.splits.items():
        assert all(array.tobytes() == two.splits[split][name].tobytes() for name, array in arrays.items())


def test_a_frequency_that_no_word_has_is_refused() -> None:
    most = Counter(" ".join(read_back(encode(), "train")).split()).most_common(1)[0][1]
    with pytest.raises(ValueError, match=f"min_frequency must leave .* has {most}, got 100000"):
        encode(min_frequency=100_000)


def test_texts_none_of_which_has_a_word_are_refused() -> None:
    told = "got 0 of 'a' in all, .* 20 texts are left out, as they hold no words"
    with pytest.raises(UserError, match=rf"{told}; `punctuation: true` in encode makes words of signs$"):
        encode(official(["..."] * 20, ["one", "two"]))
    with pytest.raises(UserError, match=f"{told}$"):
        encode(official(["  "] * 20, ["one", "two"]), punctuation=True)
    assert spec(encode(official(["...", "?!"] * 10, ["...", "two"]), punctuation=True)).size("test") == 2


def test_one_class_alone_is_refused() -> None:
    with pytest.raises(UserError, match=r"^x.csv must hold two classes at least, got a$"):
        texts.classified(["one", "two"], ["a", "a"], given="x.csv")


@pytest.mark.parametrize(
    ("text", "plain", "signs"),
    [
        ("Don't STOP 007!", ["don't", "stop", "007"], ["don't", "stop", "007", "!"]),
        ("don\N{RIGHT SINGLE QUOTATION MARK}t", ["don't"], ["don't"]),
        ("'quoted' words'", ["quoted", "words"], ["'", "quoted", "'", "words", "'"]),
        ("snake_case, 3.5", ["snake", "case", "3", "5"], ["snake", "_", "case", ",", "3", ".", "5"]),
        ("Größe ΑΒΓ кино 映画", ["größe", "αβγ", "кино", "映画"], ["größe", "αβγ", "кино", "映画"]),
        (unicodedata.normalize("NFD", "Café naïf"), ["café", "naïf"], ["café", "naïf"]),
        ("a\u00a0b\tc\n", ["a", "b", "c"], ["a", "b", "c"]),
        ("\N{GRINNING FACE}", [], ["\N{GRINNING FACE}"]),
        ("", [], []),
        ("हिन्दी, தமிழ்!", ["हिन्दी", "தமிழ்"], ["हिन्दी", ",", "தமிழ்", "!"]),
        ("İstanbul I\u0307stanbul", ["i\u0307stanbul"] * 2, ["i\u0307stanbul"] * 2),
        ("H\u0331a J\u030co", ["\u1e96a", "\u01f0o"], ["\u1e96a", "\u01f0o"]),  # one sign in lower case alone
        ("q\u0323'a\u0301 \u0301", ["q\u0323'á"], ["q\u0323'á", "\u0301"]),
    ],
)
def test_a_word_is_a_run_of_letters_and_digits(text: str, plain: list[str], signs: list[str]) -> None:
    assert tokens.words(text, lower=True, punctuation=False) == plain
    assert tokens.words(text, lower=True, punctuation=True) == signs


@pytest.mark.parametrize("category", ["Mn", "Mc"])
def test_a_word_goes_on_over_every_mark_that_combines(category: str) -> None:
    marks = [sign for sign in map(chr, range(sys.maxunicode)) if unicodedata.category(sign) == category]
    word = re.compile(tokens.pattern(punctuation=False))
    assert all(word.findall(f"a{mark}b{mark}") == [f"a{mark}b{mark}"] for mark in marks)


@pytest.mark.parametrize("punctuation", [True, False])
@pytest.mark.parametrize("lower", [True, False])
def test_what_an_export_tells_gives_the_numbers_of_a_text_without_this_code(
    lower: bool, punctuation: bool
) -> None:
    written = [
        "Don\N{RIGHT SINGLE QUOTATION MARK}t café, हिन्दी snake_case 3.5 ...",
        unicodedata.normalize("NFD", "İstanbul naïf") + " I\u0307stanbul q\u0323'a\u0301",
        " ".join(f"Word{number}" for number in range(30)),
    ]
    facts = spec(
        encode(official(written * 9, ["one", "two"]), lower=lower, punctuation=punctuation, length=20)
    )
    steps = usage.preprocessing(facts)["formula"].removeprefix("by Python: ").split("; ")[:3]
    for text in written:
        known: dict[str, Any] = {"spec": facts, "text": text, "re": re, "unicodedata": unicodedata}
        exec("\n".join(steps), known)
        assert known["words"] == tokens.words(text, lower=lower, punctuation=punctuation)[:20]
        assert set(known["words"]) <= set(facts.vocabulary)


def test_capitals_are_kept_where_asked() -> None:
    examples = official(["One one", "ONE two"] * 5, ["One", "two"])
    assert encode(examples, lower=False).facts["vocabulary"] == ("<pad>", "<unk>", "ONE", "One", "one", "two")
    assert encode(examples).facts["vocabulary"] == ("<pad>", "<unk>", "one", "two")


def test_so_many_texts_of_each_class_are_kept_of_train_alone_and_the_words_of_all_are_known() -> None:
    whole, few = encode(), encode(per_class=7)
    assert spec(few).counts["train"] == (7, 7)
    assert set(read_back(few, "train")) <= set(read_back(whole, "train"))
    for split in ("val", "test"):
        np.testing.assert_array_equal(few.splits[split]["y"], whole.splits[split]["y"])
    # What learnt from all texts without labels can then go on from these.
    assert spec(few).vocabulary == spec(whole).vocabulary


def test_more_texts_of_a_class_than_there_are_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"^per_class must be at most the \d+ train examples of class 'bad', "
    ):
        encode(per_class=400)


def test_a_val_split_of_the_sources_own_is_encoded_too() -> None:
    found = official(["a b", "c", "a", "b"], ["a", "c"])
    own = Examples(found.classes, found.train, found.test, val=found.test)
    encoded = encode(own)
    assert read_back(encoded, "val") == read_back(encoded, "test") == ["a", "c"]
    assert spec(encoded).counts["train"] == (2, 2)


def test_what_is_long_stands_last_in_the_facts() -> None:
    facts = spec(encode()).model_dump(mode="json")
    lengths = {name: len(str(value)) for name, value in facts.items()}
    assert {"vocabulary", "words"} <= set(list(facts)[-3:])
    assert max(lengths[name] for name in list(facts)[:-3]) < min(lengths["vocabulary"], lengths["words"])
