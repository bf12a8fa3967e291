"""Set all runs and baselines side by side: `python -m stages.compare`."""

from stages.comparing import comparison, overview, tables
from stages.core import command, files, rooms
from stages.core.params import load
from stages.core.paths import REPORTS
from stages.judging import figures

METRICS = ("run", "kind", "dataset", "task", "metric", "value")
CURVES = ("run", "epoch", "split", "measure", "value")


def main() -> None:
    """Compare what params.yaml names, whatever else lies among the reports."""
    found = comparison.entries(load())
    files.write_csv(
        REPORTS / "comparison.csv",
        METRICS,
        (
            (entry.name, entry.kind, entry.dataset, entry.task, metric, value)
            for entry in found
            for metric, value in entry.metrics.items()
        ),
    )
    files.write_csv(
        REPORTS / "comparison_curves.csv",
        CURVES,
        ((entry.name, *point) for entry in found for point in entry.curves),
    )
    groups = [
        (*group, entries, rooms.load("tasks", group[0]).COLUMNS)
        for group, entries in comparison.groups(found).items()
    ]
    sections = (tables.section(*group) for group in groups)
    files.write_text(REPORTS / "comparison.md", "\n\n".join(["# Comparison", *sections]) + "\n")
    picture = overview.draw([(dataset, entries, columns[0]) for _, dataset, entries, columns in groups])
    figures.save(picture, REPORTS / "comparison.png")


if __name__ == "__main__":
    command.run(main)
