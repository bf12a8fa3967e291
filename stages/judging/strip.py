"""How a generator came to draw: the same latents after some of its epochs."""

from matplotlib.figure import Figure

from stages.core import paths
from stages.core.stored import Stored
from stages.judging import figures
from stages.judging.figures import Tile


def draw(run: str) -> dict[str, Figure]:
    """The picture `strip`: a row a latent, a column an epoch; none where nothing was generated."""
    shown = {int(epoch): images.numpy() for epoch, images in Stored(paths.snapshots(run)).tensors.items()}
    if not shown:
        return {}
    epochs = sorted(shown)
    rows = len(shown[epochs[0]])
    tiles = [
        Tile(figures.pixels(shown[epoch][row]), below=f"epoch {epoch}" if row == rows - 1 else "")
        for row in range(rows)
        for epoch in epochs
    ]
    title = "How it learnt to draw: each row is one random input"
    look = {"cmap": "gray", "vmin": 0, "vmax": 255}
    return {"strip": figures.tiles(title, tiles, columns=len(epochs), inches=0.75, **look)}
