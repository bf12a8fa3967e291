"""Files in a folder for each class, and these in a folder for each split or not."""

from pathlib import Path

from stages.core.checking import nearest, shown
from stages.core.errors import UserError
from stages.sourcing import alike, given
from stages.sourcing.litter import is_litter

Files = dict[str, list[Path]]  # class -> files

_NAMED = 3  # in a message
_SPLIT_NAMES = "where a folder is a split, name it in prepare, as in `val: validation`"


def read(folder: Path, *, train: str, val: str, test: str) -> dict[str, Files]:
    """The files of each class, of each split that has a folder; of train alone where none has.

    Classes and files go by their names. What `test` names is not val, too.

    Args:
        train, val, test: the names of the folders; one that is not the split's own must be there.

    Raises:
        ValueError: a name does not fit the folder.
        UserError: it is not laid out so, or splits have different classes.
    """
    names = {"train": train, "val": val, "test": test}
    if val == test:
        del names["val"]
    if not _folders(folder):
        raise UserError(
            f"{folder} must hold a folder for each class, got none, but files: {_some(_files(folder))}"
        )
    splits = _splits(folder, names)
    found = {split: _classes(folder / name) for split, name in splits.items()} or {"train": _classes(folder)}
    for split, files in found.items():
        more, less = sorted(files.keys() - found["train"]), sorted(found["train"].keys() - files)
        if more or less:
            got = f"{shown(more[0])} too" if more else f"no {shown(less[0])}"
            raise UserError(f"{folder / splits[split]} must hold the classes of {splits['train']}, got {got}")
    alike.tell(found["train"], place=str(folder))
    return found


def _splits(folder: Path, names: dict[str, str]) -> dict[str, str]:
    """Those that have a folder, and its name."""
    there = [path.name for path in _folders(folder)]
    splits = {split: name for split, name in names.items() if name in there}
    for split, name in names.items():
        if name not in there and (name != split or (splits and split == "train")):
            told = f"got {shown(name)}; {nearest(name, there)}"
            raise ValueError(f"{split} must be a folder of the data set, {told}")
    if len(set(splits.values())) < len(splits):
        raise ValueError(f"train must be another folder than val and test, got {shown(names['train'])}")
    if splits and (others := sorted(set(there) - set(splits.values()))):
        told = f"got {', '.join(map(shown, others))} beside {', '.join(map(shown, splits.values()))}"
        raise UserError(
            f"{folder} must hold no folders but those of train, val and test, {told}; {_SPLIT_NAMES}"
        )
    if splits:
        _tell_unread(folder)
    return splits


def _classes(folder: Path) -> Files:
    """The files of each class.

    Raises:
        UserError: there are less than two classes, or one holds folders or nothing.
    """
    found = {path.name: _files(path) for path in _folders(folder)}
    if len(found) < 2:
        raise UserError(f"{folder} must hold folders of two classes at least, got {_some(_folders(folder))}")
    for name, files in found.items():
        if inner := _folders(folder / name):
            told = f"got {_some(inner)}; {_SPLIT_NAMES}"
            raise UserError(f"{folder / name} must hold the files of a class alone, no folders, {told}")
        if not files:
            raise UserError(f"{folder / name} must hold the files of a class, got none")
        if not name.isprintable():
            raise UserError(f"{folder} must hold folders of a printable name, got {shown(name)}")
    _tell_unread(folder)
    return found


def _tell_unread(folder: Path) -> None:
    if files := _files(folder):
        given.say(f"{folder}: not read, as they lie in the folder of no class: {_some(files)}")


def _some(found: list[Path]) -> str:
    """How many there are, and the names of the first."""
    names = ", ".join(shown(path.name) for path in found[:_NAMED])
    return f"{len(found):,}" + (names and f" ({names}{', …' if len(found) > _NAMED else ''})")


def _folders(folder: Path) -> list[Path]:
    return [path for path in _inside(folder) if path.is_dir()]


def _files(folder: Path) -> list[Path]:
    return [path for path in _inside(folder) if path.is_file()]


def _inside(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if not is_litter(path.relative_to(folder)))
