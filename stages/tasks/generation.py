"""Generation: new images, like those of train. Samples are held against test in the features of a referee.

A Frechet distance is too large where examples are few. The floor beside it is that of train images, as many
as test has: what a generator would reach that draws from the data itself. It is slightly high, as the referee
learnt from them. Precision and recall have such a floor too. Undefined and null are the entropy of a single
class, the ratio to test images that stand in train, and the evidence lower bound of a run that has none.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from stages.core import paths, splits
from stages.core.ranges import Count, Size
from stages.core.spec import Images
from stages.judging import anomalies, columns, evenly, evidence, neighbours, restoration, variety
from stages.judging.columns import Column
from stages.judging.subject import Subject
from stages.judging.verdict import Judged, Row

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ASKS = "samples"
FLOOR = Column(
    "frechet_floor",
    "Frechet distance of train images",
    None,
    "#.4g",
    "that of train images in the place of samples, as many: hardly any generator comes below",
)
FRECHET = Column(
    "frechet_distance",
    "Frechet distance",
    "lower",
    "#.4g",
    "how far the spread of the samples is from that of test, in the features by which a trained classifier, "
    "the referee, sees them: 0 is alike; its scale is that of the referee and of the number of images",
    floor=(FLOOR,),
)
COLUMNS = (
    FRECHET,
    neighbours.PRECISION,
    neighbours.RECALL,
    variety.ENTROPY,
    neighbours.RATIO,
    evidence.ELBO,
)
CHOICE = columns.validation(FRECHET)
SHOWN = ("samples", "test")


@dataclass(frozen=True, slots=True)
class Generation:
    """Images as those of `spec`: so many `samples`, drawn with the keyword arguments `sampling`."""

    spec: Images
    samples: int
    neighbours: int
    sampling: Mapping[str, Any]

    def check(self, subject: Subject) -> None:
        """Images must be drawn."""
        subject.needs(ASKS, task="generation")

    def ask(self, subject: Subject) -> dict[str, Judged]:
        """Features (N, D) of `samples`, and of every split: of train no more images than test has.

        Beside them stand the class that the referee says, `chosen` (N); of samples and test the `nearest` of
        all train images (N, C, H, W) and its `distance` (N); of test the `elbo` (N) of a run that has one.
        """
        from stages.judging import referee, samples

        judge = referee.read(subject.referee, self.spec, threads=subject.threads, at=subject.at)
        train, val, test = (splits.load(self.spec, name) for name in paths.SPLITS)
        some = train.take(torch.from_numpy(evenly.rows(len(train), len(test))))
        drawn = samples.draw(subject, self.samples, self.sampling)
        near, near_test = (
            neighbours.search(x, train, device=subject.device)._asdict() for x in (drawn, test.x.numpy())
        )
        elbo = {"elbo": evidence.lower_bound(subject, test)} if subject.can("elbo") else {}
        return {
            "train": judge.see(some.x.numpy(), some.y.numpy()),
            "val": judge.see(val.x.numpy(), val.y.numpy()),
            "test": judge.see(test.x.numpy(), test.y.numpy(), near_test | elbo),
            "samples": judge.see(drawn, None, near),
        }

    def metrics(self, judged: Mapping[str, Judged]) -> dict[str, Any]:
        """The scores of the samples; a floor is what as many train images have in their place.

        Distances to train are medians, in pixels scaled to [0, 1]: where samples are far nearer to it than
        test images are, the run gives back what it learnt from. `elbo` is a mean in nats per image.
        """
        from stages.judging import distributions

        features = {name: said.outputs for name, said in judged.items()}
        scores: dict[str, Any] = distributions.scores(features, neighbours=self.neighbours)
        drawn, real = (variety.shares(self.spec, judged[name]) for name in SHOWN)
        scores |= {"entropy": variety.entropy(drawn)}
        scores |= {"class_share_least": float(drawn.min()), "class_share_most": float(drawn.max())}
        scores |= neighbours.scores(*(judged[name].beside["distance"] for name in SHOWN))
        scores |= evidence.scores(self.spec, judged["test"].beside.get("elbo"))
        scores["n"] = {split: self.spec.size(split) for split in paths.SPLITS}
        scores["n"] |= {"samples": len(features["samples"])}
        columns = zip(self.spec.classes, drawn.tolist(), real.tolist(), strict=True)
        scores["per_class"] = {name: {"share": share, "share_test": other} for name, share, other in columns}
        return scores

    def charts(self, judged: Mapping[str, Judged]) -> Iterator[Row]:
        """The share of each class by the referee, and how the distances to train are spread."""
        for name in SHOWN:
            shares = zip(self.spec.classes, variety.shares(self.spec, judged[name]).tolist(), strict=True)
            yield from (("classes", name, *share) for share in shares)
        yield from restoration.histogram("nearest", {name: judged[name].beside["distance"] for name in SHOWN})

    def figures(self, judged: Mapping[str, Judged]) -> "dict[str, Figure]":
        """The first samples, and those that are nearest to a train image."""
        from stages.judging import samples

        drawn = judged["samples"]
        near = drawn.beside["nearest"], drawn.beside["distance"]
        return {"samples": samples.grid(drawn.x), "neighbours": samples.suspects(drawn.x, *near)}


def build(
    spec: Images, *, samples: Size = 0, neighbours: Count = 3, sampling: Mapping[str, Any] = {}
) -> Generation:
    """Generation of images as those of `spec`.

    Args:
        samples: how many are drawn; 0: as many as the test split has.
        neighbours: the rank of the neighbour that precision and recall reach to.
        sampling: keyword arguments of the network's own `sample`.

    Raises:
        UserError: only some classes are learnt from.
        ValueError: there are too few images for that many neighbours.
    """
    anomalies.refuse(spec, task="generation")
    count = samples or spec.size("test")
    fewest = min(count, *map(spec.size, paths.SPLITS))
    if neighbours >= fewest:
        raise ValueError(
            f"neighbours must be less than the images that are compared ({fewest}), got {neighbours}"
        )
    return Generation(spec, count, neighbours, sampling)
