"""The golden training steps of Tests/SpiderTrainingTests/Resources (its README.md says what they hold) as the twin
computes them: shared by what makes them and by what checks the twin against them."""

from pathlib import Path
from types import SimpleNamespace

import torch

from configuration import read
from spider_network import Network
from training_step import TrainingStep, learning_rate

FOLDER = Path(__file__).resolve().parents[2] / "Tests/SpiderTrainingTests/Resources"
TERMS = ("intensity", "crossEntropy", "dice", "total")


def names():
    """The names of the golden steps."""
    return sorted(path.stem for path in FOLDER.glob("step-*.yaml"))


def configuration(name):
    """The configuration of a golden step, read as any run's."""
    return read(FOLDER / f"{name}.yaml")[0]


def batch(tensors, dtype):
    """The batch of a golden step in a precision."""
    numbers = {key: tensors[key].to(dtype) for key in ("images", "points", "pixels", "intensity")}
    counts = tensors["counts"].to(dtype) if "counts" in tensors else None
    return SimpleNamespace(**numbers, labels=tensors["labels"].long(), counts=counts)


def answers(tensors, settings, dtype):
    """Terms of the loss (4) and gradients before any step; then of each step loss, norm of the gradient and rate."""
    parameters = {key.removeprefix("parameter."): value.to(dtype, copy=True)
                  for key, value in tensors.items() if key.startswith("parameter.")}
    network = Network(settings["model"]["architecture"], parameters)
    step, inputs = TrainingStep(network, settings), batch(tensors, dtype)
    terms = step.gradient(inputs)
    found = {"terms": torch.stack([terms[name] for name in TERMS])}
    found |= {f"gradient.{name}": value.grad.clone() for name, value in network.parameters.items()}
    steps = settings["steps"]
    rates = [learning_rate(settings["learningRate"], number, number / steps) for number in range(steps)]
    reports = [step(inputs, rate) for rate in rates]
    return found | {
        "losses": torch.stack([report["total"] for report in reports]),
        "norms": torch.stack([report["norm"] for report in reports]), "rates": torch.tensor(rates, dtype=dtype)}
