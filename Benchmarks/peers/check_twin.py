#!/usr/bin/env python3
"""Holds the PyTorch twin to the golden training steps that the Swift trainer is held to.

    Benchmarks/.venv/bin/python Benchmarks/peers/check_twin.py

Of each step in Tests/SpiderTrainingTests/Resources: every term of the loss, every gradient, and loss, gradient norm
and learning rate of ten steps; which steps of runs that were made up are skipped as spikes; that a new network
starts as the Swift package's layers say; and that X-rays of models that read any views come from where they should.
Exit status 0 when all agrees, 1 with a line for each that does not. `--device cuda` checks a GPU.
"""

import argparse
import json
import math
import sys

import torch
from safetensors.torch import load_file

import golden_step
import train_torch  # noqa: F401, that the trainer and all that makes its samples can be loaded
from configuration import read
from initial_parameters import initial_parameters, shapes
from spike_guard import SpikeGuard
from torch_xrays import Views

# Largest difference over the largest number of a tensor, of gradients and of sums over all points or parameters. In
# double precision only the golden's own rounding to single is left (up to 6e-8). In single precision gradients of the
# encoder were up to 5e-6 off, sums 1e-7.
LIMITS = {torch.float64: (2e-7, 2e-7), torch.float32: (2e-5, 1e-6)}


def differences(name, dtype, device):
    """Of each part of a golden step what it is, and how far the twin's is off."""
    tensors = load_file(golden_step.FOLDER / f"{name}.safetensors")
    on_device = {key: value.to(device) for key, value in tensors.items()}
    found = golden_step.answers(on_device, golden_step.configuration(name), dtype)
    expected = {key for key in tensors if key.startswith("gradient.")} | {"terms", "losses", "norms", "rates"}
    if set(found) != expected:
        raise SystemExit(f"{name}: the golden step has other parts: {', '.join(sorted(set(found) ^ expected))}")
    for key, value in found.items():
        difference = (value.double().cpu() - tensors[key].double()).abs().max() / tensors[key].abs().max()
        yield key, difference.item()


def check_start(name):
    """Faults of a new network: the golden step's parameters say names and shapes; He et al. 2015 say the variances,
    2 / inputs for every weight (tests of the Swift package say the same of its layers)."""
    tensors = load_file(golden_step.FOLDER / f"{name}.safetensors")
    architecture = golden_step.configuration(name)["model"]["architecture"]
    golden = {key.removeprefix("parameter."): tuple(value.shape) for key, value in tensors.items()
              if key.startswith("parameter.")}
    if golden != shapes(architecture):
        yield "names or shapes differ"
    generator = torch.Generator().manual_seed(1)
    draws = [initial_parameters(architecture, generator) for _ in range(200)]
    for key, shape in shapes(architecture).items():
        values = torch.stack([draw[key] for draw in draws]).double()
        if key == "code.table":
            wanted = 1e-2 / math.sqrt(3)
        else:
            wanted = math.sqrt(2 / math.prod(shape[1:])) if len(shape) > 1 else 0
        # Five standard errors of a deviation of so many normal numbers.
        allowed = 5 * wanted / math.sqrt(2 * values.numel())
        middle = 1 if "Norm.weight" in key else 0
        deviation = (values - middle).square().mean().sqrt().item()
        if not abs(deviation - wanted) <= allowed:
            yield f"{key} starts with a deviation of {deviation:.4f} about {middle}, not {wanted:.4f}"


def check_spikes():
    """Runs of which other steps are skipped than the golden ones."""
    for number, run in enumerate(json.loads((golden_step.FOLDER / "spikes.json").read_text())):
        guard = SpikeGuard(run["limit"])
        skipped = [step for step, pair in enumerate(zip(run["losses"], run["norms"])) if guard.is_spike(*pair)]
        if skipped != run["skipped"]:
            yield f"spikes.json, run {number}: steps {skipped} are skipped, not {run['skipped']}"


def check_any_views():
    """Faults of the X-rays that are drawn for a model that reads any views: AnyViewDrawTests.swift asks the same."""
    configuration = read("any-views")[0]
    model, counts, octants, distances = configuration["model"], set(), set(), []
    torch.manual_seed(1)
    for _ in range(40):
        views = Views(model, configuration["augmentation"], 4, "cpu")
        rays = views.rays()[:, :, ::16, ::16]
        counts.add(rays.shape[1])
        places = views.source[:, :, None, None] + 900 * rays
        for view, some in enumerate(places.unbind(1)):
            column, row = views.project(some.flatten(1, 2))[:, view].unflatten(1, rays.shape[2:4]).unbind(3)
            place = torch.arange(0, views.rows, 16)
            if max((column - place).abs().max(), (row - place[:, None]).abs().max()) > 1e-2:
                yield "any-views: a place on a pixel's ray is seen elsewhere"
        distances += views.source.norm(dim=2).flatten().tolist()
        east, north, _ = views.source.unbind(2)
        octants |= set((torch.atan2(north, east) / (math.pi / 4)).floor().flatten().tolist())
    if counts != {1, 2, 3, 4} or len(octants) != 8 or not (min(distances) < 900 and max(distances) > 1800):
        yield f"any-views: {counts} X-rays from {len(octants)} octants, {min(distances)} to {max(distances)} mm"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cpu")
    device = parser.parse_args().device
    torch.set_float32_matmul_precision("highest")
    torch.backends.cudnn.allow_tf32 = False
    names, faults = golden_step.names(), []
    for name in names:
        faults += [f"{name}: {fault}" for fault in check_start(name)]
        for dtype, limits in LIMITS.items():
            worst = 0
            for key, difference in differences(name, dtype, device):
                limit = limits[0 if key.startswith("gradient.") else 1]
                worst = max(worst, difference / limit)
                if not difference <= limit:  # so that NaN fails
                    faults.append(f"{name}, {dtype}: {key} is {difference:.1e} off, more than {limit:.0e}")
            print(f"{name}, {dtype}: worst difference {worst:.2f} of what is allowed")
    faults += [*check_spikes(), *check_any_views()]
    if not names:
        faults.append("there is no golden step")
    print("\n".join(faults) or "The twin agrees with the golden steps.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
