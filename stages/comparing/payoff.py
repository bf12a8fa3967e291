"""Whether deep learning pays: the chosen network against the chosen baseline."""

from stages.comparing import gains
from stages.comparing.comparison import KINDS, Entry
from stages.comparing.groups import Group

# What makes good that a table has none of a kind.
_REMEDIES = {
    "network": "Add a block under `models:` in params.yaml that names this data set and this task",
    "baseline": "Add a block under `baselines:` in params.yaml that names this data set and this task, "
    "and as `method` a file of `stages/classical/` that takes such data",
}


def verdict(group: Group) -> str:
    """Who is ahead on test of the two that validation has chosen, or what is missing to say so.

    And which networks, chosen or not, are no better than that baseline.
    """
    chosen, column = group.chosen, group.leading
    for kind in KINDS:
        if kind not in chosen:
            return f"**No verdict**: {_lacking(group, kind)}."
    network, baseline = (chosen[kind] for kind in KINDS)
    ours, theirs = (f"the chosen {one.kind} {gains.scored(one, column)}" for one in (network, baseline))
    gain = gains.over(network, baseline, column)
    return gains.verdict("Deep learning", gain, column, ours=ours, theirs=theirs) + _behind(group, baseline)


def _behind(group: Group, baseline: Entry) -> str:
    """All networks whose scores on test are no better than that of the chosen baseline, best first."""
    column = group.leading
    scored = [one for one in group.ranked if one.kind == "network" and column.metric in one.metrics]
    behind = [
        f"`{one.name}`" for one in scored if not gains.is_ahead(gains.over(one, baseline, column), column)
    ]
    return f" No better on test than `{baseline.name}`: {', '.join(behind)}." if behind else ""


def _lacking(group: Group, kind: str) -> str:
    if all(entry.kind != kind for entry in group.entries):
        return f"this table has no {kind} to compare with. {_REMEDIES[kind]}; then run `dvc repro`"
    scores = f"{group.choice.title} and {group.leading.title} on test"
    return f"no {kind} has both, {scores}. An empty cell is an undefined score; learning curves may tell why"
