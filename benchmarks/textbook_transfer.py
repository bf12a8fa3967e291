"""Feature extraction as tutorials write it: the other side of `benchmarks.speed transfer`.

    python -m benchmarks.textbook_transfer FOLDER --weights squeezenet1_0.pth --epochs 25

FOLDER holds train/ and val/ with a folder for each class. A backbone that does not learn is run on every
picture in every epoch; its last layer is replaced and learns by SGD at 0.001 with momentum, in batches of
four. Pictures are decoded, resized and cropped one by one in two processes of a DataLoader; their middle is
taken, so that both sides see the same ones. After each epoch val is judged.
"""

import argparse
import time
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from stages.core.vision import torchvision  # where plain `import torchvision` works, just that

Images = DataLoader[tuple[Tensor, Tensor]]


def network(weights: str) -> nn.Module:
    """SqueezeNet 1.0 with a last layer of its own, all else frozen."""
    model: Any = torchvision.models.squeezenet1_0()
    model.load_state_dict(torch.load(weights, weights_only=True))
    for parameter in model.parameters():
        parameter.requires_grad = False
    model.classifier[1] = nn.Conv2d(512, 2, 1)
    network: nn.Module = model
    return network


def train(model: nn.Module, images: Images, optimizer: torch.optim.Optimizer) -> None:
    """One epoch."""
    criterion = nn.CrossEntropyLoss()
    model.train()
    for x, y in images:
        optimizer.zero_grad()
        torch.autograd.backward(criterion(model(x), y))
        optimizer.step()


@torch.no_grad()
def judge(model: nn.Module, images: Images) -> float:
    """Accuracy."""
    model.eval()
    right = torch.cat([model(x).argmax(dim=1) == y for x, y in images])
    return float(right.float().mean())


def main() -> None:
    """Train and judge, epoch by epoch."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--weights", required=True)
    parser.add_argument("--epochs", type=int, default=25)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    transforms = torchvision.transforms
    form = transforms.Compose(
        [
            transforms.Resize(224),
            transforms.CenterCrop(224),
            transforms.ToTensor(),
            transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
        ]
    )
    sets = {name: torchvision.datasets.ImageFolder(options.folder / name, form) for name in ("train", "val")}
    images = {
        name: DataLoader(found, batch_size=4, shuffle=True, num_workers=2) for name, found in sets.items()
    }
    model = network(options.weights)
    learning = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.SGD(learning, lr=1e-3, momentum=0.9)
    for epoch in range(1, options.epochs + 1):
        train(model, images["train"], optimizer)
        started = time.perf_counter()
        accuracy = judge(model, images["val"])
        print(f"epoch {epoch} score {accuracy:.4f} judging {time.perf_counter() - started:.2f}", flush=True)


if __name__ == "__main__":
    main()
