"""Autoencoders: images of any size come back, in pixels; the bound of the VAE is that of a quadrature."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from sklearn.datasets import load_digits
from torch import Tensor, distributions, nn
from torch.nn import functional as F

from stages.architectures import conv_autoencoder, vae
from stages.core import inputs, rooms
from stages.core.errors import UserError
from stages.core.spec import Images
from stages.core.splits import Batch
from stages.modelling.shipping import Shipped, Ships
from tests import samples

NAMES = ("autoencoder", "conv_autoencoder", "vae")
BENDS = [{"activation": name} for name in ("relu", "leaky_relu", "sigmoid", "tanh", "gelu")]
COMMON: list[dict[str, Any]] = [{}, *BENDS, {"init": "xavier"}, {"latent": 3}]
VARIANTS: dict[str, list[dict[str, Any]]] = {
    "autoencoder": [*COMMON, {"widths": [32, 16, 8]}, {"widths": []}],
    "conv_autoencoder": [
        *COMMON,
        {"channels": [4]},
        {"channels": [16, 12, 10, 8, 8]},  # more than there is to halve
        {"pooling": "avg"},
        {"batch_norm": True},
    ],
    "vae": [*COMMON, {"widths": [16, 8]}, {"widths": []}],
}
every = pytest.mark.parametrize("name", NAMES)
every_variant = pytest.mark.parametrize(
    ("name", "hyper"), [(name, hyper) for name in NAMES for hyper in VARIANTS[name]], ids=str
)
every_shape = pytest.mark.parametrize("shape", samples.SHAPES, ids=str)


def build(name: str, spec: Images, **hyper: Any) -> Any:
    torch.manual_seed(0)
    return rooms.build("architectures", name, spec, hyper, at="here")


def batch(spec: Images, count: int = 6) -> Batch:
    """Examples of the sample data, as networks take them."""
    raw = samples.split(spec).take(torch.arange(count))
    return inputs.ready(raw, spec, device=torch.device("cpu"))


@every_shape
@every_variant
def test_images_come_back_as_pixels_of_their_own_size(
    name: str, hyper: dict[str, Any], shape: tuple[int, ...]
) -> None:
    spec = samples.spec(shape)
    model, x = build(name, spec, **hyper), batch(spec).x
    latent = model.encode(x)
    assert latent.shape == (6, hyper.get("latent", 20 if name == "vae" else 32))
    pixels = model.decode(latent)
    assert pixels.shape == x.shape and pixels.dtype == torch.float32
    assert pixels.min() >= 0 and pixels.max() <= 1 and pixels.std() > 0
    assert torch.equal(model(x), pixels)


@pytest.mark.parametrize("channels", [(4,), (4, 3), (4, 3, 2), (4, 3, 2, 5, 6)], ids=len)
@pytest.mark.parametrize(
    "shape", [(1, 1, 1), (1, 1, 7), (2, 2, 3), (3, 7, 13), (1, 15, 31), (1, 33, 2)], ids=str
)
def test_the_way_back_meets_the_sizes_of_the_way_down(
    shape: tuple[int, ...], channels: tuple[int, ...]
) -> None:
    model = build("conv_autoencoder", samples.spec(shape), channels=channels)
    there, back = model.encoder[0], model.decoder[-2]
    x = torch.zeros(1, *shape)
    down = [x.shape[2:]]
    for link in there:
        x = link(x)
        down.append(x.shape[2:])
    up = [x.shape[2:]]
    for link in back[:-1]:
        x = link(x)
        up.append(x.shape[2:])
    assert up == down[::-1] and back[-1](x).shape[1:] == shape


@every_shape
@every
def test_every_parameter_gets_a_gradient(name: str, shape: tuple[int, ...]) -> None:
    spec = samples.spec(shape)
    model, given = build(name, spec), batch(spec)
    objective = rooms.build("objectives", "elbo" if name == "vae" else "reconstruction", spec, {}, at="here")
    (turn,) = objective.losses(model, given)
    turn.loss.backward()
    assert turn.loss.isfinite()
    assert [key for key, p in model.named_parameters() if p.grad is None or not p.grad.isfinite().all()] == []


@every
def test_pixels_are_told_apart_in_full_precision_where_the_network_runs_in_half(name: str) -> None:
    spec = samples.spec()
    model = build(name, spec)
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        pixels = model(100 * batch(spec).x)
    assert pixels.dtype == torch.float32
    assert ((pixels > 0.997) & (pixels < 1)).any()


def test_the_defaults_are_the_textbooks_sizes() -> None:
    spec = samples.spec((1, 28, 28))

    def shapes(name: str) -> list[tuple[int, ...]]:
        return [tuple(p.shape) for p in build(name, spec).parameters() if p.ndim > 1]

    assert shapes("autoencoder") == [(128, 784), (64, 128), (32, 64), (64, 32), (128, 64), (784, 128)]
    assert shapes("vae") == [(400, 784), (40, 400), (400, 20), (784, 400)]
    assert shapes("conv_autoencoder") == [
        (16, 1, 3, 3), (8, 16, 3, 3), (32, 8 * 7 * 7),
        (8 * 7 * 7, 32), (8, 16, 4, 4), (16, 16, 4, 4), (1, 16, 3, 3),
    ]  # fmt: skip


def test_a_convolutional_one_without_channels_is_refused() -> None:
    with pytest.raises(UserError, match=r"^here\.channels must hold at least one number, got none$"):
        build("conv_autoencoder", samples.spec(), channels=[])


@pytest.mark.parametrize(("init", "gain"), [("kaiming", 2.0), ("xavier", 2 / (1 + 4 * 24 / 32))])
@torch.no_grad()
def test_the_first_transposed_convolution_keeps_the_scale_as_others_do(init: Any, gain: float) -> None:
    torch.manual_seed(0)
    up = nn.ConvTranspose2d(32, 24, 4, stride=2, padding=1)
    conv_autoencoder.draw(up, init, "relu")
    assert up.bias is not None and not up.bias.any()
    inner = up(torch.randn(64, 32, 8, 8))[:, :, 1:-1, 1:-1]
    for row, column in ((0, 0), (0, 1), (1, 0), (1, 1)):  # each place of the stride has weights of its own
        assert inner[:, :, row::2, column::2].var().item() == pytest.approx(gain, rel=0.1)


@pytest.mark.parametrize(
    ("name", "objective", "share"),
    [
        ("autoencoder", "reconstruction", 0.4),
        ("conv_autoencoder", "reconstruction", 0.6),
        ("vae", "reconstruction", 0.4),
        ("vae", "elbo", 0.7),
    ],
)
def test_digits_never_seen_come_back_better_than_their_mean(name: str, objective: str, share: float) -> None:
    pixels = torch.from_numpy(load_digits().images[:1000]).float()[:, None] / 16
    mean, std = pixels.mean().item(), pixels.std().item()
    spec = samples.spec().model_copy(update={"mean": (mean,), "std": (std,)})
    x = inputs.standardise(pixels.clone(), spec)
    model, loss = build(name, spec), rooms.build("objectives", objective, spec, {}, at="here")
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    for step in range(120):
        rows = (torch.arange(64) + 64 * step) % 800
        (turn,) = loss.losses(model, Batch(x[rows], rows))
        optimizer.zero_grad()
        turn.loss.backward()
        optimizer.step()
    with torch.no_grad():
        error = F.mse_loss(model(x[800:]), pixels[800:])
    assert error < share * F.mse_loss(pixels[:800].mean(dim=0).expand(200, -1, -1, -1), pixels[800:])


def test_a_seed_draws_the_same_images_and_another_one_others() -> None:
    spec = samples.spec((3, 32, 32))
    model = build("vae", spec).eval()
    first = model.sample(5, 1)
    assert first.shape == (5, *spec.shape) and first.min() >= 0 and first.max() <= 1
    assert not first.requires_grad
    before = torch.get_rng_state()
    assert torch.equal(model.sample(5, 1), first)
    assert torch.equal(torch.get_rng_state(), before)
    assert not torch.equal(model.sample(5, 2), first)


def test_samples_are_decoded_from_the_standard_normal_law(monkeypatch: pytest.MonkeyPatch) -> None:
    latents = []
    monkeypatch.setattr(vae.VAE, "decode", lambda _, latent: latent)
    for seed in (0, 1):
        torch.manual_seed(seed)
        model = rooms.build("architectures", "vae", samples.spec(), {"latent": 7}, at="here")
        latents.append(model.sample(2000, 3))
    assert torch.equal(*latents)  # whatever the weights
    assert latents[0].shape == (2000, 7)
    assert latents[0].mean().abs() < 0.05 and abs(latents[0].std() - 1) < 0.05


def test_the_bound_of_an_image_is_the_same_at_every_call() -> None:
    spec = samples.spec()
    model, x = build("vae", spec).eval(), batch(spec).x
    before = torch.get_rng_state()
    bounds = model.elbo(x)
    assert bounds.shape == (6,)
    assert torch.equal(model.elbo(x), bounds)
    assert torch.equal(torch.get_rng_state(), before)


@torch.no_grad()
def test_the_bound_is_the_evidence_less_how_far_the_posterior_is_off() -> None:
    spec = samples.spec((1, 2, 3))
    model, x = build("vae", spec, latent=1, widths=[8]).eval(), batch(spec, 1).x
    pixels = inputs.pixels(x, spec).double()
    z = torch.linspace(-12, 12, 20_001, dtype=torch.float64)[:, None]
    p = model.double().logits(z).sigmoid()
    joint = (pixels * p.log() + (1 - pixels) * (1 - p).log()).flatten(1).sum(dim=1)
    joint += distributions.Normal(0.0, 1.0).log_prob(z[:, 0])
    evidence = torch.trapezoid(joint.exp(), z[:, 0]).log()
    mu, log_var = (part[0] for part in model.posterior(x.double()))
    law = distributions.Normal(mu, log_var.exp().sqrt()).log_prob(z[:, 0])
    off = torch.trapezoid(law.exp() * (law - (joint - evidence)), z[:, 0])
    bounds = model.float().elbo(x.repeat(20_000, 1, 1, 1))
    error = bounds.std().item() / len(bounds) ** 0.5
    assert off > 10 * error  # else any bound would do
    assert bounds.mean().item() == pytest.approx((evidence - off).item(), abs=4 * error)


def files(name: str, spec: Images, folder: Path) -> Iterator[tuple[Shipped, onnxruntime.InferenceSession]]:
    """The parts of an autoencoder, and each as a file."""
    model = build(name, spec).eval()
    assert isinstance(model, Ships)
    for key, shipped in model.shipped().items():
        example = shipped.given(batch(spec, 2).x)
        program = torch.onnx.export(
            shipped.part,
            example,
            dynamo=True,
            input_names=shipped.inputs,
            output_names=shipped.outputs,
            dynamic_shapes=tuple({0: torch.export.Dim("batch")} for _ in example),
            verbose=False,
        )
        assert program is not None
        program.save(folder / f"{key}.onnx", external_data=False)
        yield shipped, onnxruntime.InferenceSession(folder / f"{key}.onnx")


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.slow
@every
@pytest.mark.parametrize("shape", samples.SHAPES)
@torch.no_grad()
def test_the_shipped_parts_say_what_the_network_says(
    name: str, shape: tuple[int, ...], tmp_path: Path
) -> None:
    spec = samples.spec(shape)
    for shipped, session in files(name, spec, tmp_path):
        for count in (1, 3):
            given = shipped.given(batch(spec, count).x)
            ours: Tensor | tuple[Tensor, ...] = shipped.part(*given)
            ours = ours if isinstance(ours, tuple) else (ours,)
            theirs = session.run(
                list(shipped.outputs),
                {key: part.contiguous().numpy() for key, part in zip(shipped.inputs, given, strict=True)},
            )
            for one, other in zip(ours, theirs, strict=True):
                np.testing.assert_allclose(other, one.numpy(), atol=1e-5)
        assert {"input", "output"} <= shipped.told.keys()


@every
@torch.no_grad()
def test_the_shipped_parts_one_behind_the_other_are_the_network(name: str) -> None:
    spec = samples.spec()
    model, x = build(name, spec).eval(), batch(spec).x
    parts = model.shipped()
    assert list(parts) == ["encoder", "decoder"]
    encoded = parts["encoder"].part(x)
    assert torch.equal(parts["decoder"].part(encoded[0] if name == "vae" else encoded), model(x))
    for shipped in parts.values():
        assert not shipped.part.training
