"""Data of the user's own, changed: the real DVC runs again what follows from them, and nothing else."""

import pytest

from tests import blocks, photos
from tests.test_pipeline import Project

SHORT = {"epochs": 1, "batch_size": 8}
PARAMS = {
    "datasets": {
        "digits": blocks.dataset("digits"),
        "photos": blocks.dataset("image_folder") | {"path": "data/photos", "prepare": {"side": 8}},
        "tickets": blocks.dataset("text_csv", length=8)
        | {"path": "tickets.csv", "prepare": {"text": "message", "label": "queue"}},
    },
    "models": {"seen": blocks.run("photos", "mlp", fit=SHORT, widths=[8])},
    "baselines": {
        "cheap": blocks.baseline("digits", "logistic_regression"),
        "counts": blocks.baseline("tickets", "naive_bayes"),
    },
}


def tickets(*texts: str) -> bytes:
    lines = [f"{n} is {'broken' if n % 2 else 'late'},{'repair' if n % 2 else 'delivery'}" for n in range(40)]
    return "\n".join(["message,queue", *texts, *lines, ""]).encode()


# Data set -> a photo among many or a line of a table, what it becomes, and what learns and judges there.
CHANGES = {
    "photos": (
        "data/photos/cats/007.jpg",
        photos.photo(seed=99),
        {"train@seen", "evaluate@seen", "export@seen"},
    ),
    "tickets": ("tickets.csv", tickets("It came late,delivery"), {"baseline@counts"}),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with photos, texts and digits, of which everything has run."""
    project = Project(tmp_path_factory.mktemp("project"))
    own = photos.folders({"cats": 20, "dogs": 20}, around="data/photos/") | {"tickets.csv": tickets()}
    photos.write(project.folder, own)
    project.write(project.params | PARAMS)
    sources = {f"{stage}@{name}" for stage in ("download", "preprocess") for name in PARAMS["datasets"]}
    assert project.repro() == sources.union(
        {"baseline@cheap", "compare"}, *(follow for *_, follow in CHANGES.values())
    )
    return project


@pytest.mark.slow
@pytest.mark.parametrize("name", CHANGES)
def test_of_a_changed_file_what_follows_runs_again_and_nothing_of_other_data(
    name: str, project: Project
) -> None:
    file, content, follow = CHANGES[name]
    photos.write(project.folder, {file: content})
    assert project.repro() == {f"download@{name}", f"preprocess@{name}", "compare"} | follow
