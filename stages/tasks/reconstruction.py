"""Reconstruction: an image, given back by what sees it. Every image of a split is judged.

Pixels are scaled to [0, 1]. `noisy` scores are those of test images that were seen under noise, held against
the images without it. Undefined and null are the peak signal-to-noise ratio of no error, the structural
similarity of images of less than 3 pixels, the variance left where all images are one, the interval of one
image, and the width of the latent of a run that does not encode.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from stages.core import splits
from stages.core.ranges import Positive
from stages.core.spec import Images
from stages.judging import anomalies, columns, inference, intervals, restoration
from stages.judging.columns import Column
from stages.judging.subject import Subject
from stages.judging.verdict import Judged, Row

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ASKS = "inputs"
FLAT = Column("flat_mse", "MSE of the mean image", None, ".5f", "that of always giving the mean train image")
MSE = Column("mse", "MSE", "lower", ".5f", "mean squared error of the pixels, which go from 0 to 1", (FLAT,))
COLUMNS = (
    MSE,
    Column(
        "psnr",
        "PSNR in dB",
        "higher",
        ".2f",
        "peak signal-to-noise ratio, -10 log10(MSE): 10 dB more are a tenth of the error",
    ),
    Column(
        "ssim",
        "SSIM",
        "higher",
        ".4f",
        "structural similarity, how alike small windows of image and original are: 1 is the same",
    ),
    Column(
        "variance_left",
        "variance left",
        "lower",
        ".2%",
        "MSE over that of always giving the mean train image: 0 % is perfect, 100 % as bad as that",
    ),
    Column(
        "mse_noisy",
        "MSE, noisy",
        "lower",
        ".5f",
        "MSE where noise lies on the images that are given, held against those without it",
    ),
    Column("ssim_noisy", "SSIM, noisy", "higher", ".4f", "SSIM of the same"),
    Column("latent", "latent", None, ".0f", "how many numbers an image is squeezed into on the way"),
    columns.gap(MSE),
)
CHOICE = columns.validation(MSE)
SPREAD = ("train", "test")


@dataclass(frozen=True, slots=True)
class Reconstruction:
    """The images of `spec`; noise has the deviation `noise`, in pixels."""

    spec: Images
    noise: float

    def check(self, subject: Subject) -> None:
        """Examples must be answered to."""
        subject.needs(ASKS, task="reconstruction")

    def ask(self, subject: Subject) -> dict[str, Judged]:
        """Pixels (N, C, H, W) for every split and for `noisy`, the test images under noise.

        Their `errors` (N) stand beside them; those of noisy images are by the images without noise.
        """
        judged = inference.every_split(subject, shape=self.spec.shape, beside=("encode",))
        clean = {name: said.x for name, said in judged.items()} | {"noisy": judged["test"].x}
        noisy = restoration.noised(splits.load(self.spec, "test"), self.spec, noise=self.noise)
        judged["noisy"] = inference.over(subject, noisy, shape=self.spec.shape)
        return {name: restoration.measured(said, clean[name]) for name, said in judged.items()}

    def metrics(self, judged: Mapping[str, Judged]) -> dict[str, Any]:
        """The scores on the test split; errors on train and val beside them show over- and underfitting.

        The PSNR is that of the mean error. The gap is train less test. Variance left is the error over that
        of the mean train image.
        """
        train, test = judged["train"], judged["test"]
        errors = _errors(judged)
        means = {name: float(each.mean()) for name, each in errors.items()}
        scores: dict[str, Any] = intervals.named("mse", intervals.of_mean(errors["test"]))
        for name, suffix in (("test", ""), ("noisy", "_noisy")):
            scores[f"mse{suffix}"] = means[name]
            scores[f"psnr{suffix}"] = restoration.psnr(means[name])
            scores[f"ssim{suffix}"] = restoration.ssim(test.x, judged[name].outputs)
        scores |= {f"{split}_mse": means[split] for split in ("train", "val")}
        scores["mse_gap"] = means["train"] - means["test"]
        flat = scores["flat_mse"] = restoration.flat_mse(train.x, test.x)
        scores["variance_left"] = means["test"] / flat if flat else None
        latent = test.beside.get("encode")
        scores["latent"] = None if latent is None else latent.shape[1]
        scores["n"] = {split: len(answers.y) for split, answers in judged.items()}
        return scores

    def charts(self, judged: Mapping[str, Judged]) -> Iterator[Row]:
        """How the errors of train and test are spread, and the mean error of each class of test."""
        errors, y = _errors(judged), judged["test"].y
        yield from restoration.histogram("errors", {name: errors[name] for name in SPREAD})
        for k, name in enumerate(self.spec.classes):
            if (y == k).any():
                yield "class", "test", name, float(errors["test"][y == k].mean())

    def figures(self, judged: Mapping[str, Judged]) -> "dict[str, Figure]":
        """Images with what was made of them, how the errors are spread, and latents where there are some."""
        from stages.judging import latents, restored

        test, errors = judged["test"], _errors(judged)
        spread = {name: errors[name] for name in SPREAD}
        return {
            "reconstructions": restored.draw_pairs(self.spec, test),
            "denoised": restored.draw_denoised(self.spec, test, judged["noisy"]),
            "errors": restored.draw_errors("Errors of the images", spread),
        } | latents.pictures(self.spec, test)


def _errors(judged: Mapping[str, Judged]) -> dict[str, NDArray[np.float64]]:
    """The error of each image, by set."""
    return {name: said.beside["errors"] for name, said in judged.items()}


def build(spec: Images, *, noise: Positive = 0.3) -> Reconstruction:
    """Reconstruction of the images of `spec`.

    Args:
        noise: the deviation of the Gaussian noise that noisy images are under, in pixels.

    Raises:
        UserError: only some classes are learnt from: their errors would be mixed with those of anomalies.
    """
    anomalies.refuse(spec, task="reconstruction")
    return Reconstruction(spec, noise)
