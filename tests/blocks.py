"""Params that tests start from: blocks of every kind, whichever of them params.yaml has."""

from typing import Any

Mapping = dict[str, Any]

SHARED: Mapping = {
    "seed": 0,
    "threads": 1,
    "device": "auto",
    "split": {"seed": 0, "val": 0.15, "test": 0.25},
    "fit": {
        "epochs": 20,
        "batch_size": 64,
        "optimizer": "adamw",
        "learning_rate": 0.001,
        "momentum": 0.9,
        "nesterov": False,
        "betas": [0.9, 0.999],
        "weight_decay": 0.0,
        "l1": 0.0,
        "l2": 0.0,
        "clip_norm": 0.0,
        "schedule": "constant",
        "warmup_epochs": 0,
        "decay_factor": 0.1,
        "decay_epochs": 10,
        "monitor": "loss",
        "keep": "best",
        "patience": 0,
        "sampler": "shuffled",
        "precision": "fp32",
        "augment": {"flip": False, "zoom": 0.0, "shift": 0, "rotate": 0.0, "jitter": 0.0},
        "parts": {},
        "groups": {},
    },
}


def dataset(source: str, **encode: Any) -> Mapping:
    return {"source": source, "path": "data/nothing", "fetch": {}} | ({"encode": encode} if encode else {})


def run(
    on: str,
    architecture: str,
    objective: str = "cross_entropy",
    task: str = "classification",
    *,
    referee: str = "scratch",
    start: str = "scratch",
    loss: Mapping | None = None,
    fit: Mapping | None = None,
    **hyper: Any,
) -> Mapping:
    return {
        "dataset": on,
        "architecture": architecture,
        "objective": objective,
        "task": task,
        "referee": referee,
        "start": start,
        "hyper": hyper,
        "loss": loss or {},
        "measure": {},
        "fit": fit or {},
    }


def baseline(on: str, method: str, task: str = "classification", **hyper: Any) -> Mapping:
    return {
        "dataset": on,
        "method": method,
        "task": task,
        "referee": "scratch",
        "hyper": hyper,
        "measure": {},
    }


DATASETS = {
    "digits": dataset("digits"),
    "digits_normal": dataset("digits", normal_classes=["8"]),
    "digits_few": dataset("digits", classes=["5", "6"], per_class=10),
    "reviews": dataset("reviews", length=40),
    "waves": dataset("waves", window=64, horizon=16, period=63),
}

ROSENBLATT = {"epochs": 15, "batch_size": 8, "optimizer": "sgd", "momentum": 0.0, "monitor": "accuracy"}
ONE_CYCLE = {"epochs": 40, "learning_rate": 0.003, "schedule": "one_cycle"}
VARIED = {"epochs": 8, "augment": {"shift": 1, "rotate": 10.0}}
FROZEN = {"groups": {"body": {"parameters": "hidden.*", "frozen": "always"}}}
SLOWED = {"groups": {"body": {"parameters": "hidden.*", "rate": 0.3, "frozen": 10}}}
PLAYERS = {"betas": [0.0, 0.999], "parts": {"generator": {"learning_rate": 0.002}}}

# Every architecture, and each way in which one is fitted.
MODELS = {
    "perceptron": run("digits", "perceptron", "perceptron", fit=ROSENBLATT),
    "mlp": run("digits", "mlp", fit=ONE_CYCLE, dropout=0.2),
    "cnn": run("digits", "cnn", fit=VARIED, dropout=0.3, batch_norm=True),
    "cnn_gap": run("digits", "cnn_gap", batch_norm=True),
    "transfer_source": run("digits", "mlp", widths=[256]),
    "transfer_scratch": run("digits_few", "mlp", widths=[256]),
    "transfer_frozen": run("digits_few", "mlp", start="transfer_source", fit=FROZEN, widths=[256]),
    "transfer_finetuned": run("digits_few", "mlp", start="transfer_source", fit=SLOWED, widths=[256]),
    "text_bag": run("reviews", "bag_of_embeddings"),
    "text_rnn": run("reviews", "recurrent", cell="rnn"),
    "text_gru": run("reviews", "recurrent", cell="gru"),
    "text_bilstm": run("reviews", "recurrent", cell="lstm", layers=2, bidirectional=True, hidden=32),
    "text_attention": run("reviews", "attention", hidden=32),
    "text_transformer": run("reviews", "transformer"),
    "bert_words": run("reviews", "bert", "masked_language", "masked_language", head="words", length=64),
    "bert_scratch": run("reviews", "bert", length=64),
    "series_linear": run("waves", "linear_forecaster", "forecast_error", "forecasting"),
    "series_gru": run(
        "waves", "recurrent", "forecast_error", "forecasting", fit={"clip_norm": 1.0}, cell="gru", width=16
    ),
    "autoencoder": run("digits", "autoencoder", "reconstruction", "reconstruction", latent=16),
    "denoising": run("digits", "autoencoder", "reconstruction", "reconstruction", loss={"noise": 0.3}),
    "conv_autoencoder": run("digits_normal", "conv_autoencoder", "reconstruction", "anomaly_detection"),
    "vae": run("digits", "vae", "elbo", "generation", referee="cnn", loss={"beta": 0.3}, latent=12),
    "gan": run(
        "digits", "gan", "adversarial", "generation",
        referee="cnn", loss={"gradient_penalty": 0.3}, fit=PLAYERS,
    ),
    "dcgan": run("digits", "dcgan", "adversarial", "generation", referee="cnn", fit={"keep": "last"}),
    "diffusion": run("digits", "diffusion", "noise_prediction", "generation", referee="cnn"),
}  # fmt: skip

BASELINES = {
    "logistic_regression": baseline("digits", "logistic_regression"),
    "nearest_neighbours": baseline("digits", "nearest_neighbours"),
    "text_naive_bayes": baseline("reviews", "naive_bayes"),
    "series_ridge": baseline("waves", "ridge", "forecasting"),
    "pca": baseline("digits", "pca", "reconstruction", components=16),
}

CONTENT: Mapping = {
    **SHARED,
    "datasets": DATASETS,
    "pretrained": {},
    "models": MODELS,
    "baselines": BASELINES,
}
