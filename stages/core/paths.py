"""Where everything lies, relative to the project root, from which DVC runs every stage."""

from pathlib import Path

REPORTS = Path("reports")
SPLITS = ("train", "val", "test")


def raw(dataset: str) -> Path:
    """The folder of a data set as its source gave it."""
    return Path("data/raw") / dataset


def processed(dataset: str) -> Path:
    """The folder of a data set's splits and its spec.json."""
    return Path("data/processed") / dataset


def split(dataset: str, name: str) -> Path:
    """The examples of a split."""
    return processed(dataset) / f"{name}.safetensors"


def spec(dataset: str) -> Path:
    """What preprocess measured of a data set."""
    return processed(dataset) / "spec.json"


def weights(run: str) -> Path:
    """The trained network of a run, or the starting point `scratch`."""
    return Path("models") / run / "model.safetensors"


def snapshots(run: str) -> Path:
    """What the network of a run made of the same latents while it was trained."""
    return Path("models") / run / "snapshots.safetensors"


def exported(run: str) -> Path:
    """The folder of a run's exported network."""
    return Path("models") / run / "onnx"


def onnx(run: str, part: str = "model") -> Path:
    """The exported network of a run, or one of its parts where it is shipped in parts."""
    return exported(run) / f"{part}.onnx"


def predictions(run: str) -> Path:
    """What a run says of the test split, and what it makes beside it: answers to noisy images, samples."""
    return Path("models") / run / "predictions.safetensors"


def curves(run: str) -> Path:
    """Learning curves, long form: epoch, split, measure, value, and 1 where the weights are kept."""
    return REPORTS / "curves" / f"{run}.csv"


def gradients(run: str) -> Path:
    """Gradient norms, long form: epoch, layer, norm."""
    return REPORTS / "gradients" / f"{run}.csv"


def metrics(run: str) -> Path:
    """The scores of a run."""
    return REPORTS / "metrics" / f"{run}.json"


def charts(run: str) -> Path:
    """The data of a run's charts, long form: chart, series, x, y."""
    return REPORTS / "charts" / f"{run}.csv"


def figures(run: str) -> Path:
    """The folder of a run's pictures."""
    return REPORTS / "figures" / run


def export(run: str) -> Path:
    """What the export measured: size and parity."""
    return REPORTS / "export" / f"{run}.json"


def timing(stage: str, run: str) -> Path:
    """Seconds and throughput: facts of a machine, so kept out of git and of every declared out."""
    return REPORTS / "timing" / stage / f"{run}.json"
