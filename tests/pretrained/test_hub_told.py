"""What is no BERT of the hub, or none for the run that starts from it, is told in one line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stages import adopt, train
from stages.core.errors import UserError
from tests import tiny_bert
from tests.from_hub import PINNED, configure, left, read_texts
from tests.misbehaving import Server
from tests.tiny_bert import NAME, PIECES, REVISION

FETCH = "pretrained.tiny.fetch"


def test_what_is_not_of_the_hubs_digest_is_refused_and_nothing_is_left(served: Server, folder: Path) -> None:
    served.behaviours = [tiny_bert.serving(folder, digest="0" * 64)]
    configure(**PINNED)
    with pytest.raises(
        UserError, match=rf"^pretrained\.tiny: hub: cannot fetch {NAME}/{REVISION}/model.safetensors from .*"
    ):
        adopt.main("tiny")
    assert left() == []


def test_a_digest_of_the_block_is_held_against_the_file(served: Server) -> None:
    configure(**PINNED, sha256="A" * 64)  # as some programs tell it
    with pytest.raises(UserError, match=r": sha256 must be a{64}, got [0-9a-f]{64} of [\d,]+ bytes$"):
        adopt.main("tiny")


def test_weights_are_not_asked_for_where_the_network_is_another(served: Server, folder: Path) -> None:
    tiny_bert.edit(folder, model_type="roberta")
    configure(**PINNED)
    told = (
        rf"^pretrained\.tiny: {NAME}: config\.json must have the model_type 'bert', no other, got 'roberta'$"
    )
    with pytest.raises(UserError, match=told):
        adopt.main("tiny")
    assert len(served.asked) == 2
    assert left() == []


def spoil(file: str, change: Callable[[Any], Any]) -> Callable[[Path], None]:
    def spoilt(folder: Path) -> None:
        content = json.loads((folder / file).read_text())
        (folder / file).write_text(json.dumps(change(content)))

    return spoilt


def lose(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def in_parts(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "model-00001-of-00001.safetensors")
    (folder / "model.safetensors.index.json").write_text("{}")


def as_pickle(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def in_parts_of_both_kinds(folder: Path) -> None:
    in_parts(folder)
    (folder / "pytorch_model.bin").touch()


def without_config_as_pickle(folder: Path) -> None:
    as_pickle(folder)
    (folder / "config.json").unlink()


def with_old_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").rename(folder / "vocab.txt")


def unlike(**config: Any) -> Callable[[Path], None]:
    return lambda folder: tiny_bert.edit(folder, **config)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lose("config.json"), r"hub: my_model must hold config\.json, got none"),
        (lose("tokenizer.json"), r"hub: my_model must hold tokenizer\.json, got none"),
        (
            with_old_tokenizer,
            r"hub: my_model must hold tokenizer\.json, got none but vocab\.txt, which is not read: "
            r"AutoTokenizer\.from_pretrained\(folder\)\.save_pretrained\(folder\) writes the other",
        ),
        (lose("model.safetensors"), r"hub: my_model must hold model\.safetensors, got none"),
        (
            in_parts,
            r"hub: my_model must hold model\.safetensors, got none but model\.safetensors\.index\.json, "
            r"of weights in several files, which are not read: "
            r"save_pretrained\(…, max_shard_size=\"100GB\"\) writes one",
        ),
        (
            in_parts_of_both_kinds,
            r"hub: my_model must hold model\.safetensors, got none but [^,]+, of weights in [^,]+, "
            r"which are not read: save_pretrained\(…, [^,]+",
        ),
        (without_config_as_pickle, r"hub: my_model must hold config\.json, got none"),
        (
            as_pickle,
            r"hub: my_model must hold model\.safetensors, got none but pytorch_model\.bin, "
            r"which may run what stands in it and is never read",
        ),
        (
            unlike(model_type=None),
            r"my_model: config\.json must have the model_type 'bert', no other, got None",
        ),
        (spoil("config.json", lambda _: []), r"my_model: config\.json must have the model_type .*, got None"),
        (unlike(hidden_size=None), r"my_model: config\.json\.hidden_size is missing"),
        (unlike(num_hidden_layers=0), r"my_model: config\.json\.num_hidden_layers must be .*, got 0"),
        (unlike(hidden_act="relu"), r"my_model: config\.json\.hidden_act must be 'gelu', got 'relu'"),
        (
            unlike(position_embedding_type="relative_key"),
            r"my_model: config\.json\.position_embedding_type must be 'absolute', got 'relative_key'",
        ),
        (unlike(layer_norm_eps=1e-5), r"my_model: config\.json\.layer_norm_eps must be .*, got 1e-05"),
        (
            unlike(auto_map={"AutoModel": "own.Bert"}),
            r"my_model: config\.json\.auto_map must be null, got .*",
        ),
        (
            unlike(hidden_size=12),
            r"my_model: model\.safetensors must hold embeddings\.word_embeddings\.weight of \(14, 12\), "
            r"got \(14, 8\)",
        ),
        (
            unlike(num_hidden_layers=3),
            r"my_model: model\.safetensors must hold encoder\.layer\.2\..* of \(8, 8\), got none",
        ),
        (
            spoil("tokenizer.json", lambda said: said | {"model": said["model"] | {"type": "BPE"}}),
            r"my_model: tokenizer\.json must have WordPiece pieces, and \[PAD\] as number 0",
        ),
        (
            lambda folder: (folder / "config.json").write_text("<html>"),
            r"my_model: config\.json must be JSON, got .*",
        ),
    ],
)
def test_what_is_no_such_model_is_refused_in_one_line(
    folder: Path, change: Callable[[Path], None], told: str
) -> None:
    change(folder)
    configure("my_model")
    with pytest.raises(UserError, match=rf"^pretrained\.tiny: {told}$"):
        adopt.main("tiny")
    assert left() == []


def test_a_model_without_a_mask_or_with_fewer_rows_than_pieces_is_refused(tmp_path: Path) -> None:
    configure("my_model")
    tiny_bert.save(tmp_path / "my_model", pieces=tuple(one for one in PIECES if one != "[MASK]"))
    with pytest.raises(
        UserError,
        match=r"^pretrained\.tiny: my_model: tokenizer\.json must have the piece \[MASK\], got none$",
    ):
        adopt.main("tiny")
    tiny_bert.save(tmp_path / "my_model", vocab_size=9)
    with pytest.raises(UserError, match=r"word_embeddings\.weight of \(14, 8\), got \(9, 8\)$"):
        adopt.main("tiny")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, rf"{FETCH}\.name must be that of a model of the hub, owner/model, got ''"),
        ({"name": NAME}, rf"{FETCH}\.revision must be the 40 hex digits of a commit, got ''"),
        (
            {"name": NAME, "revision": "main"},
            rf"{FETCH}\.revision must be the 40 hex digits of a commit, got 'main'",
        ),
        ({"name": "../up", "revision": REVISION}, rf"{FETCH}\.name must be .*, got '\.\./up'"),
        (
            {"name": "jos\u00e9/bert", "revision": REVISION},
            rf"{FETCH}\.name must be .*, got 'jos\u00e9/bert'",
        ),
        (PINNED | {"sha256": "12"}, rf"{FETCH}\.sha256 must be 64 hex digits, got '12'"),
        (
            {"path": "my_model"} | PINNED,
            rf"{FETCH}\.name must not be given beside path \('my_model'\), got .*",
        ),
        (
            {"path": "no/such"},
            r"pretrained\.tiny\.path must be a file or folder that is there, got 'no/such'; .* either",
        ),
        (
            {"path": "my_model/config.json"},
            r"pretrained\.tiny\.path must be the folder of a model, got 'my_model/config\.json'",
        ),
    ],
)
def test_a_mistake_in_the_block_is_told_with_its_path(folder: Path, given: dict[str, str], told: str) -> None:
    configure(**given)
    with pytest.raises(UserError, match=rf"^{told}$"):
        adopt.main("tiny")


def test_a_model_that_the_hub_does_not_have_costs_one_line(served: Server) -> None:
    configure(name=NAME, revision="f" * 40)
    with pytest.raises(
        UserError, match=r"^pretrained\.tiny: hub: cannot fetch .*config\.json from .*: HTTP 404 Not Found$"
    ):
        adopt.main("tiny")
    assert not list(Path("models").glob("tiny*/**/*"))


def test_a_run_that_is_to_be_built_otherwise_is_told_every_size(folder: Path, served: Server) -> None:
    configure("my_model", hyper={"width": 16, "layers": 2, "heads": 4, "dropout": 0.2})
    read_texts()
    adopt.main("tiny")
    with pytest.raises(UserError) as error:
        train.main("run")
    assert str(error.value).split("\n       ") == [
        "models.run.hyper.width must be 8 as in 'tiny', got 16",
        "models.run.hyper.heads must be 2 as in 'tiny', got 4",
    ]


def test_texts_that_are_longer_than_it_has_positions_for_are_told_what_cuts_them(
    folder: Path, served: Server
) -> None:
    tiny_bert.save(folder, max_position_embeddings=4)
    configure("my_model")
    read_texts()
    adopt.main("tiny")
    told = r"hyper\.length must be .* \(7\), got 4; or set datasets\.texts\.encode\.length to 4$"
    with pytest.raises(UserError, match=told):
        train.main("run")


def test_texts_that_others_pieces_number_are_refused(folder: Path, served: Server) -> None:
    other = tiny_bert.save(Path("other"), pieces=(*PIECES[:-2], "poor", "."))
    served.behaviours = [tiny_bert.serving(other)]
    configure("my_model")
    read_texts()
    adopt.main("tiny")
    told = (
        r"^models\.run\.dataset must be read by the tokenizer of 'tiny', which knows 14 pieces: got 'texts', "
        r"of 14 others; set datasets\.texts\.encode\.tokenizer to that of 'tiny'$"
    )
    with pytest.raises(UserError, match=told):
        train.main("run")


def test_another_architecture_is_built_as_the_run_says(folder: Path, served: Server) -> None:
    configure("my_model", architecture="transformer", hyper={"width": 8, "heads": 2})
    read_texts()
    adopt.main("tiny")
    with pytest.raises(
        UserError, match=r"^models\.run\.start: none of the \d+ tensors of 'tiny', as .* fits"
    ):
        train.main("run")
