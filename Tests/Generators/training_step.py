#!/usr/bin/env python3
"""Makes the golden training steps Tests/SpiderTrainingTests/Resources/step-*.safetensors, in the manner of llm.c:
of one batch of a small SPIDER network the inputs, every term of the loss, every gradient, and the losses of ten
steps of the optimizer on that batch. GoldenStepTests.swift holds the Swift trainer to them, and
Benchmarks/peers/check_twin.py the PyTorch twin.

    Benchmarks/.venv/bin/python Tests/Generators/training_step.py

(`make Benchmarks/.venv/ready` makes the environment.) Network, loss and step are those of Benchmarks/peers: forward
formulas, differentiated by PyTorch in double precision. Each step-NAME.yaml is the configuration of a run; inputs
and parameters are random numbers rounded to single precision, in which the answers are written as well.
"""

import sys
from pathlib import Path

import numpy
import torch
from safetensors.torch import save_file

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Benchmarks/peers"))

from golden_step import FOLDER, answers, configuration, names  # noqa: E402
from initial_parameters import initial_parameters  # noqa: E402
from joint_loss import AIR, BONE, OUTSIDE, TISSUE, UNKNOWN  # noqa: E402


SEEDS = {"step-fourier": 17, "step-hash": 18, "step-any-views": 19}
COUNTED = {"step-any-views": 29}
"""Those whose points do not all count alike, and seeds of how much they do: such that within ten steps no error is so
near to 0 that single and double precision give its gradient different signs."""


def inputs(settings, random):
    """A batch of random numbers: not of patients, but with all that is special about a batch."""
    model = settings["model"]
    any_views = model["architecture"].get("anyViews")
    v = any_views["most"] if any_views else len(model["views"])
    b, p = settings["patientsPerStep"], settings["sampling"]["count"]
    h, w = model["setup"]["rows"], model["setup"]["columns"]
    images = 1.5 * random.random((b * v, 1, h, w))
    images[:, :, : h // 4, : w // 4] = 0  # masked
    if any_views:
        rays = random.standard_normal((b * v, 3, h, w))
        images = numpy.concatenate([images, rays / numpy.linalg.norm(rays, axis=1, keepdims=True)], 1)
    points = random.uniform(-0.55, 0.55, (b, p, 3))  # some outside of the field of view
    pixels = random.uniform((-1.5, -1.5), (w + 0.5, h + 0.5), (b, v, p, 2))  # some outside of the images
    # Class 2 does not occur: Dice leaves it out.
    kinds = [0, 1, 3, 4, 5, 6, UNKNOWN, OUTSIDE, BONE, TISSUE, AIR]
    labels = random.choice(kinds, (b, p), p=[0.2, 0.15, 0.1, 0.1, 0.05, 0.05, 0.1, 0.1, 0.05, 0.05, 0.05])
    return {"images": images, "points": points, "pixels": pixels, "intensity": random.random((b, p)), "labels": labels}


def parameters(settings, random):
    """A start as in training, but that nothing is 0 or 1: a forgotten shift or scale would not show."""
    generator = torch.Generator().manual_seed(int(random.integers(1 << 31)))
    drawn = initial_parameters(settings["model"]["architecture"], generator, torch.float64)
    for name, value in drawn.items():
        if value.dim() == 1:
            value += 0.2 * torch.from_numpy(random.standard_normal(value.shape))
        elif name == "code.table":
            value *= 50
    drawn["decoder.intensity.bias"] += 0.5
    return drawn


def main():
    torch.set_num_threads(1)
    for name in names():
        settings = configuration(name)
        random = numpy.random.default_rng(SEEDS[name])
        tensors = {key: torch.from_numpy(value).float() for key, value in inputs(settings, random).items()}
        if name in COUNTED:
            counts = numpy.random.default_rng(COUNTED[name]).uniform(0.1, 2.5, tensors["labels"].shape)
            tensors["counts"] = torch.from_numpy(counts).float()
        tensors |= {f"parameter.{key}": value.float() for key, value in parameters(settings, random).items()}
        tensors |= {key: value.float() for key, value in answers(tensors, settings, torch.float64).items()}
        save_file({key: value.contiguous() for key, value in tensors.items()}, FOLDER / f"{name}.safetensors")
        print(name, "losses", *(f"{loss:.4f}" for loss in tensors["losses"]))
        print(name, "norms", *(f"{norm:.3f}" for norm in tensors["norms"]))


if __name__ == "__main__":
    main()
