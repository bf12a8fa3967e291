"""What systems leave among the files of a user, who seldom sees it: it is never read."""

from pathlib import PurePath

# Beside what begins with a dot: by Windows in folders of pictures, and by the Finder in what it packs.
_NAMES = ("thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx")


def is_litter(place: PurePath) -> bool:
    """Whether a file of the user's, by its place in what is given, or a folder on the way to it is such."""
    return any((part.startswith(".") and part != "..") or part.lower() in _NAMES for part in place.parts)
