#!/usr/bin/env python3
"""Trains Spider's network in PyTorch, on a GPU where there is one, and writes a model file of Spider's.

    python Benchmarks/peers/train_torch.py DATA --config CONFIG --out NEW.safetensors --minutes 8
    spider evaluate --model NEW.safetensors --data DATA

DATA is a data set of `spider prepare`, of which the split `train` is used; CONFIG is what `spider train --config`
takes: a YAML file or the name of a preset. `--set` changes single settings, such as `--set patientsPerStep=16`.

It is the twin of `spider train` (Docs/Training.md): same network, start, loss, optimizer, schedule and variation of
patients, other random numbers. `check_twin.py` holds the step to the Swift trainer's. Otherwise it is: the physics
of X-rays is a cheap imitation of SpiderDRR's (torch_xrays.py), patients are warped once to a grid of 128^3 before
their X-rays are taken, products on a GPU are TF32, there is no validation and no checkpoint, and the file holds
half-precision numbers. Needs torch, numpy, safetensors and pyyaml.
"""

import argparse
import json
import math
import sys
import time
from pathlib import Path

import numpy
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from configuration import Refused, for_data_set
from initial_parameters import initial_parameters
from spider_network import Network
from spike_guard import MOST_IN_A_ROW
from torch_patients import read_patients
from torch_samples import Batch
from training_step import TrainingStep, learning_rate

FORMAT = "spider.model/1"


class Run:
    """A training run: what it learns from, how far it is, what it writes."""

    def __init__(self, options, configuration, device):
        self.options, self.configuration, self.device = options, configuration, device
        patients = list(read_patients(options.data, options.also, device))
        self.real, self.phantoms = ([p for p in patients if p.is_real == kind] for kind in (True, False))
        if options.only == "real":
            self.phantoms = []
        if options.only == "phantoms":
            self.real = []
        if not self.real + self.phantoms:
            raise Refused(f"{options.data} has no case to learn from in its split 'train'")
        self.start, self.step = time.time(), 0

    def progress(self):
        """How much of the run is behind it, 0 to 1: of its minutes, where it has any, else of its steps."""
        minutes = self.configuration["minutes"]
        return (time.time() - self.start) / (60 * minutes) if minutes else self.step / self.configuration["steps"]

    def draw(self, rng):
        """The patients of a step: real ones and phantoms in the share that was asked for."""
        share = self.configuration["realShare"] if self.real and self.phantoms else bool(self.real)
        groups = [self.real if rng.random() < share else self.phantoms
                  for _ in range(self.configuration["patientsPerStep"])]
        return [group[rng.integers(len(group))] for group in groups]

    def save(self, network):
        record = {
            "command": "Benchmarks/peers/train_torch.py", "steps": str(self.step),
            "patients seen": str(self.step * self.configuration["patientsPerStep"]),
            "minutes": f"{(time.time() - self.start) / 60:.1f}", "attribution": self.options.attribution,
            "machine": torch.cuda.get_device_name() if self.device.type == "cuda" else "CPU",
            "cases": f"{len(self.real)} real, {len(self.phantoms)} phantoms"}
        model = self.configuration["model"]
        description = json.dumps(model | {"training": (model["training"] or {}) | record})
        weights = {name: value.detach().half().cpu().contiguous() for name, value in network.parameters.items()}
        aside = self.options.out.with_suffix(".part")
        save_file(weights, aside, {"spider.format": FORMAT, "spider.description": description})
        aside.replace(self.options.out)


def weights_of(path, model):
    """The weights of a model file to start from; they must mean the same as in the model that is trained."""
    with safe_open(path, framework="pt") as file:
        other = json.loads(file.metadata()["spider.description"])
    for key in ("architecture", "scheme", "window", "fieldOfView", "intensity"):
        if other[key] != model[key]:
            raise Refused(f"{path} has another {key} than the configuration")
    return {name: value.float() for name, value in load_file(path).items()}


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--config", default="standard", help="a YAML file or the name of a preset")
    parser.add_argument("--set", nargs="+", action="extend", default=[], metavar="KEY=VALUE", help="settings to change")
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--start-from", type=Path, help="a model file whose weights the run starts from")
    parser.add_argument("--only", choices=["real", "phantoms"])
    parser.add_argument("--also", nargs="*", default=[], help="cases of other splits to learn from as well")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--minutes", type=float, help="length of the run in minutes of training")
    length.add_argument("--steps", type=int, help="length of the run in steps")
    parser.add_argument("--attribution", default="not stated")
    found = parser.parse_args()
    if found.minutes:
        found.set.append(f"minutes={found.minutes}")
    if found.steps:
        found.set += [f"steps={found.steps}", "minutes=0"]
    return found


def train(options):
    configuration = for_data_set(options.config, options.set, options.data)
    model = configuration["model"]
    if model["setup"]["isParallel"]:
        raise Refused("model.setup.isParallel: parallel beams are not imitated here; use spider train")
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.set_float32_matmul_precision("high")
    torch.backends.cudnn.benchmark = True
    torch.manual_seed(configuration["seed"])
    rng = numpy.random.default_rng(configuration["seed"])
    run = Run(options, configuration, device)
    print(f"{len(run.real)} real patients and {len(run.phantoms)} phantoms on {device}", flush=True)
    first = (weights_of(options.start_from, model) if options.start_from
             else initial_parameters(model["architecture"]))
    network = Network(model["architecture"], {name: value.to(device) for name, value in first.items()})
    step, recent = TrainingStep(network, configuration), []
    run.start = time.time()
    while run.progress() < 1:
        rate = learning_rate(configuration["learningRate"], run.step, run.progress())
        with torch.no_grad():
            batch = Batch(run.draw(rng), configuration, device)
        report = step(batch, rate)
        run.step += 1
        if report.pop("skipped"):
            print(f"step {run.step} skipped: loss {report['total'].item():.4g}, gradient {report['norm'].item():.4g}, "
                  "far beyond the usual", flush=True)
            if step.guard.in_a_row >= MOST_IN_A_ROW:
                raise Refused(f"{MOST_IN_A_ROW} steps in a row were far beyond the usual; lower learningRate.peak, or "
                              "raise spikeLimit (0: no step is skipped)")
        else:
            recent.append(report)
        if recent and (run.step % 100 == 0 or run.progress() >= 1):
            loss, l1 = (torch.stack([terms[name] for terms in recent]).mean().item() for name in ("total", "intensity"))
            recent = []
            print(f"step {run.step}, {time.time() - run.start:.0f} s, loss {loss:.4f}, l1 {l1:.4f}", flush=True)
            if not math.isfinite(loss):
                raise SystemExit("the loss is not a number")
        if run.step % 1000 == 0:
            run.save(network)
    run.save(network)
    print(f"{run.step} steps, {step.guard.skipped} of them skipped; {options.out}")


if __name__ == "__main__":
    try:
        train(options())
    except Refused as refused:
        sys.exit(f"train_torch.py: {refused}")
