"""The textbook's variational autoencoder, as tutorials write it: the other side of `benchmarks.speed vae`.

    python -m benchmarks.textbook_vae FOLDER --epochs 10

784-400-20 on MNIST (FOLDER is what torchvision.datasets.MNIST reads). Images go one by one through ToTensor,
a DataLoader collects 128 of them, Adam steps at 0.001 in float32. After each epoch the test split is judged:
nats an image, grey pixels as Bernoulli targets, one sample of the latent.
"""

import argparse
import time

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader

from stages.core.vision import torchvision  # where plain `import torchvision` works, just that

Images = DataLoader[tuple[Tensor, Tensor]]


class VAE(nn.Module):
    """784-400-20 and back."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = nn.Linear(784, 400)
        self.mu = nn.Linear(400, 20)
        self.log_var = nn.Linear(400, 20)
        self.back = nn.Linear(20, 400)
        self.pixels = nn.Linear(400, 784)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        hidden = F.relu(self.hidden(x))
        mu, log_var = self.mu(hidden), self.log_var(hidden)
        latent = mu + torch.exp(0.5 * log_var) * torch.randn_like(mu)
        return torch.sigmoid(self.pixels(F.relu(self.back(latent)))), mu, log_var


def minus_elbo(model: VAE, x: Tensor) -> Tensor:
    """Nats, summed over the batch."""
    x = x.view(-1, 784)
    pixels, mu, log_var = model(x)
    error = F.binary_cross_entropy(pixels, x, reduction="sum")
    return error - 0.5 * torch.sum(1 + log_var - mu.pow(2) - log_var.exp())


def train(model: VAE, images: Images, optimizer: torch.optim.Optimizer) -> None:
    """One epoch."""
    model.train()
    for x, _ in images:
        optimizer.zero_grad()
        loss = minus_elbo(model, x)
        torch.autograd.backward(loss)
        optimizer.step()


@torch.no_grad()
def judge(model: VAE, images: Images) -> float:
    """Nats an image."""
    model.eval()
    return sum(float(minus_elbo(model, x)) for x, _ in images) / 10_000


def main() -> None:
    """Train and judge, epoch by epoch."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    to_tensor = torchvision.transforms.ToTensor()
    train_set = torchvision.datasets.MNIST(options.folder, train=True, transform=to_tensor)
    test_set = torchvision.datasets.MNIST(options.folder, train=False, transform=to_tensor)
    train_images = DataLoader(train_set, batch_size=128, shuffle=True)
    test_images = DataLoader(test_set, batch_size=128)
    model = VAE()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for epoch in range(1, options.epochs + 1):
        train(model, train_images, optimizer)
        started = time.perf_counter()
        nats = judge(model, test_images)
        print(f"epoch {epoch} score {nats:.4f} judging {time.perf_counter() - started:.2f}", flush=True)


if __name__ == "__main__":
    main()
