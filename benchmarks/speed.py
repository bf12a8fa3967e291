"""Seconds of the textbook loop against those of `stages.train`: whole processes, in pairs.

    python -m benchmarks.speed mlp
    python -m benchmarks.speed cnn
    python -m benchmarks.speed vae
    python -m benchmarks.speed transfer

mlp: five epochs of 784-128-64-10 each. cnn: 3 convolutions 32-64-128 and 512, to 99.0 % test accuracy; the
textbook loop stops after the first epoch that reaches it, ours trains the schedule of mnist_cnn_fast and must
have reached it. vae: ten epochs of 784-400-20, judged in nats an image. transfer: 25 epochs of a head on a
SqueezeNet that does not learn, on photographs of ants and bees. The sides alternate, with a new seed each
round, on the same number of threads, with the data already on disk (the raw files for the textbook, the
splits of preprocess for ours).

`ratio` leaves out the seconds in which the textbook loop judges the test split; `whole` counts them. Ours
judges its validation split after each epoch, in its time, and the test split in a stage of its own, untimed.
"""

import argparse
import json
import re
from dataclasses import dataclass
from statistics import mean, median
from typing import NamedTuple

from benchmarks.workspace import Workspace, scratch
from stages.core import paths

ENOUGH = 0.99


class Race(NamedTuple):
    """What either side runs, the metric in which both are judged, and the ratio that is wanted."""

    run: str
    module: str
    options: tuple[str, ...]
    metric: str
    form: str
    wanted: int
    dataset: str = "mnist"


RACES = {
    "mlp": Race("mnist_mlp_fast", "textbook", ("--model", "mlp", "--epochs", "5"), "accuracy", ".2%", 6),
    # The textbook loop reaches it in fewer than ten.
    "cnn": Race(
        "mnist_cnn_fast",
        "textbook",
        ("--model", "cnn", "--epochs", "10", "--until", str(ENOUGH)),
        "accuracy",
        ".2%",
        4,
    ),
    "vae": Race("mnist_vae_fast", "textbook_vae", ("--epochs", "10"), "elbo", ".2f", 4),
    "transfer": Race(
        "ants_frozen",
        "textbook_transfer",
        ("--epochs", "25", "--weights", "mirror/weights/squeezenet1_0_deepcompressed.pth"),
        "accuracy",
        ".2%",
        10,
        dataset="hymenoptera",
    ),
}


@dataclass(frozen=True, slots=True)
class Side:
    """How one side did in one round."""

    seconds: float
    judging: float  # seconds on the test split, within
    score: float


def textbook(here: Workspace, model: str, seed: int) -> Side:
    """The textbook loop."""
    race = RACES[model]
    folder = str(paths.raw(race.dataset))
    ran = here.module(f"benchmarks.{race.module}", folder, "--seed", str(seed), *race.options)
    epochs = re.findall(r"score (\S+) judging (\S+)", ran.output)
    return Side(ran.seconds, sum(float(judging) for _, judging in epochs), abs(float(epochs[-1][0])))


def ours(here: Workspace, model: str, seed: int) -> Side:
    """The train stage; what evaluate then says of its weights."""
    run = RACES[model].run
    here.set("seed", seed)
    seconds = here.stage("train", run).seconds
    here.stage("evaluate", run)
    metrics = json.loads((here.folder / paths.metrics(run)).read_text())
    return Side(seconds, 0.0, abs(metrics[RACES[model].metric]))


def main() -> None:
    """Measure a model."""
    parser = argparse.ArgumentParser()
    parser.add_argument("model", choices=RACES)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    race = RACES[options.model]
    pairs, form = [], race.form
    with scratch() as here:
        here.prepare(race.dataset)
        here.invite(here.params["models"][race.run]["referee"])
        here.begin(here.params["models"][race.run]["start"])
        for seed in range(options.rounds):
            slow, fast = (side(here, options.model, seed) for side in (textbook, ours))
            pairs.append((slow, fast))
            print(
                f"round {seed + 1}: textbook {slow.seconds:.1f} s, of it judging {slow.judging:.1f} s, "
                f"{format(slow.score, form)}; ours {fast.seconds:.1f} s, {format(fast.score, form)}; "
                f"ratio {(slow.seconds - slow.judging) / fast.seconds:.2f}, "
                f"whole {slow.seconds / fast.seconds:.2f}",
                flush=True,
            )
        print(f"{here.params['threads']} threads each, n = {len(pairs)}")
    summary(options.model, pairs)


def summary(model: str, pairs: list[tuple[Side, Side]]) -> None:
    """Medians of the seconds and ratios, means of the scores."""
    race = RACES[model]
    slow, fast = ([pair[side] for pair in pairs] for side in (0, 1))
    for name, sides in (("textbook", slow), ("ours", fast)):
        seconds, judging = (median(getattr(side, key) for side in sides) for key in ("seconds", "judging"))
        scores = [side.score for side in sides]
        told = ", ".join(format(score, race.form) for score in (mean(scores), min(scores), max(scores)))
        print(
            f"{name}: median {seconds:.1f} s, of it judging {judging:.1f} s; "
            f"{race.metric} mean, least and most {told}"
        )
    ratio = median((a.seconds - a.judging) / b.seconds for a, b in pairs)
    whole = median(a.seconds / b.seconds for a, b in pairs)
    print(f"{model}: ratio {ratio:.2f} (wanted >= {race.wanted}), whole {whole:.2f}; medians of the pairs")


if __name__ == "__main__":
    main()
