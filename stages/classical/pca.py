"""Principal component analysis (Pearson 1901; Hotelling 1933): the linear autoencoder of least squared error.

New images are drawn from the Gaussian of the components: independent, each with its variance in the train
split. What lies outside of their span is left out, so that drawn images are smoother than real ones.
"""

from math import prod
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn import decomposition

from stages.core import inputs
from stages.core.inputs import Arrays
from stages.core.ranges import Count
from stages.core.spec import Images


class PCA:
    """scikit-learn's, on pixels in [0, 1]: exact, and the signs are fixed."""

    def __init__(self, spec: Images, *, components: int) -> None:
        self._spec = spec
        # Of many images the covariance of the pixels is by far the smaller matrix.
        solver = "covariance_eigh" if spec.size("train") > prod(spec.shape) else "full"
        self._model = decomposition.PCA(components, svd_solver=solver)

    def fit(self, train: Arrays, val: Arrays) -> None:
        """Fit to images (N, C, H, W); nothing is chosen on `val`."""
        self._model.fit(self._pixels(train.x))

    def encode(self, x: NDArray[Any]) -> NDArray[Any]:
        """(N, C, H, W) -> (N, Z): how much of each component, the widest first."""
        latent: NDArray[Any] = self._model.transform(self._pixels(x))
        return latent

    def answer(self, x: NDArray[Any]) -> NDArray[Any]:
        """(N, C, H, W) -> pixels (N, C, H, W), cut off at [0, 1], which never takes them further off."""
        return self._images(self._model.inverse_transform(self.encode(x)))

    def sample(self, count: int, seed: int) -> NDArray[Any]:
        """Pixels (count, C, H, W) of images drawn from the Gaussian of the components, cut off at [0, 1]."""
        drawn = np.random.RandomState(seed).normal(size=(count, self._model.n_components_))
        latent = drawn * np.sqrt(self._model.explained_variance_)
        return self._images(self._model.inverse_transform(latent))

    @property
    def parameters(self) -> int:
        """The mean image, and the components with their variances."""
        fitted = (self._model.mean_, self._model.components_, self._model.explained_variance_)
        return sum(int(values.size) for values in fitted)

    def _pixels(self, x: NDArray[Any]) -> NDArray[Any]:
        """(N, C, H, W), standardised -> (N, D), pixels"""
        found: NDArray[Any] = inputs.pixels(torch.from_numpy(x), self._spec).numpy()
        return found.reshape(len(x), -1)

    def _images(self, flat: NDArray[Any]) -> NDArray[Any]:
        """(N, D) -> (N, C, H, W)"""
        return flat.clip(0, 1).astype(np.float32).reshape(len(flat), *self._spec.shape)


def build(spec: Images, *, components: Count = 32) -> PCA:
    """Principal components of the images of `spec`.

    Raises:
        ValueError: more are asked for than there are.
    """
    limits = ((spec.size("train"), "train images"), (prod(spec.shape), "pixels of an image"))
    most, of = min(limits)
    if components > most:
        raise ValueError(f"components must be at most the {most:,} {of}, got {components}")
    return PCA(spec, components=components)
