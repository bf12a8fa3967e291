"""The textbook loop, as tutorials write it: the other side of benchmarks/speed.py.

    python -m benchmarks.textbook FOLDER --model mlp --epochs 5

FOLDER is what torchvision.datasets.MNIST reads. Images go one by one through ToTensor and Normalize, a
DataLoader collects them, Adam steps at a constant rate in float32. After each epoch the test split is judged;
the seconds of judging are printed, so that a comparison can leave them out. `--until 0.99` stops after the
first epoch that reaches this test accuracy.
"""

import argparse
import time

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from stages.core.vision import torchvision  # where plain `import torchvision` works, just that

Images = DataLoader[tuple[Tensor, Tensor]]


def mlp() -> nn.Module:
    """784-128-64-10."""
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(784, 128),
        nn.ReLU(),
        nn.Linear(128, 64),
        nn.ReLU(),
        nn.Linear(64, 10),
    )


def cnn() -> nn.Module:
    """Three convolutions 32-64-128 and a hidden layer of 512."""
    return nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(64, 128, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(128 * 3 * 3, 512),
        nn.ReLU(),
        nn.Linear(512, 10),
    )


def train(model: nn.Module, images: Images, optimizer: torch.optim.Optimizer) -> None:
    """One epoch."""
    criterion = nn.CrossEntropyLoss()
    model.train()
    for x, y in images:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()


@torch.no_grad()
def accuracy(model: nn.Module, images: Images) -> float:
    """The share of right answers."""
    model.eval()
    correct = sum(int((model(x).argmax(dim=1) == y).sum()) for x, y in images)
    return correct / 10_000


def main() -> None:
    """Train and judge, epoch by epoch."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--model", choices=("mlp", "cnn"), default="mlp")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--until", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    to = torchvision.transforms
    transform = to.Compose([to.ToTensor(), to.Normalize((0.1307,), (0.3081,))])
    train_set = torchvision.datasets.MNIST(options.folder, train=True, transform=transform)
    test_set = torchvision.datasets.MNIST(options.folder, train=False, transform=transform)
    train_images = DataLoader(train_set, batch_size=64, shuffle=True)
    test_images = DataLoader(test_set, batch_size=64)
    model = {"mlp": mlp, "cnn": cnn}[options.model]()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for epoch in range(1, options.epochs + 1):
        train(model, train_images, optimizer)
        started = time.perf_counter()
        right = accuracy(model, test_images)
        print(f"epoch {epoch} score {right:.4f} judging {time.perf_counter() - started:.2f}", flush=True)
        if right >= options.until:
            break


if __name__ == "__main__":
    main()
