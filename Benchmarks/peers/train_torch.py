#!/usr/bin/env python3
"""Trains Spider's network in PyTorch, on a GPU where there is one, and writes a model file of Spider's.

    python Benchmarks/peers/train_torch.py DATA --like MODEL.safetensors --out NEW.safetensors --minutes 8
    spider evaluate --model NEW.safetensors --data DATA

DATA is a data set of `spider prepare`, of which the split `train` is used; MODEL says what the network looks
like, its weights are not used. Samples are made as `spider train` makes them (Docs/Training.md): patients
shifted, turned, sized, sheared, mirrored, smoothly deformed, their tissues' CT numbers varied; X-rays by
line integrals through the varied volume, some with noise, scatter, blur, beam hardening, a tone curve or a
collimator; pixels masked whose rays leave the scan through tissue. The physics is a cheap imitation of
SpiderDRR's, nobody lies in a head-holder (`spider train --start-from` teaches that), and patients are warped once
to 2 mm voxels before their X-rays are taken, so the run agrees with `spider train` in kind, not in numbers.
Needs torch, numpy and safetensors.

Shape letters: B patients, V views, P points, K classes.
"""

import argparse
import json
import math
import time
from pathlib import Path

import numpy
import torch
import torch.nn.functional as F
from safetensors import safe_open
from safetensors.torch import save_file

from spider_network import Network
from torch_patients import OUTSIDE, SIDE, ScanCuts, TissueCurves, Variation, look_up, read_patients, uniform
from torch_xrays import WATER, Views, cut_exits, exit_mask, line_integrals, physical, relative


class Batch:
    """What a step learns from."""

    def __init__(self, patients, description, points, device, share=(0.2, 0.35)):
        count = len(patients)
        variation = Variation(count, device)
        hu = torch.stack([p.hu for p in patients]).float()
        # Deforming once, on the canonical grid, makes the many look-ups of the X-rays cheap.
        n = 128
        axis = (torch.arange(n, device=device) + 0.5) * (SIDE / n) - SIDE / 2
        grid = torch.stack(torch.meshgrid(axis, axis, axis, indexing="ij")[::-1], 3).reshape(1, -1, 3)
        world = grid.expand(count, -1, -1)
        curves = TissueCurves(count, device)
        varied = curves(look_up(hu + 1000, variation.origin(world)) - 1000)
        attenuation = WATER * (1 + varied.clamp(min=-1000) / 1000).reshape(count, n, n, n)
        cuts = ScanCuts(patients, device)
        scanned = cuts.contain(variation.before(world)).reshape(count, n, n, n)
        attenuation = attenuation * scanned
        views = Views(description["setup"], description["views"], count, device)
        lines = line_integrals(attenuation, views, 2.0)
        values, collimated = physical(lines, device)
        plain = torch.rand(lines.shape[:2], device=device)[..., None, None] < 0.5
        noise = 0.01 * torch.rand(count, lines.shape[1], 1, 1, device=device) * lines.amax((2, 3), True)
        values = torch.where(plain, lines + noise * torch.randn_like(lines), values)
        counts = plain | collimated
        masks = torch.rand(count, 1, 1, 1, device=device) < 0.5
        counts = counts & (exit_mask(patients, variation, cut_exits(attenuation, scanned, grid[0]), views) | ~masks)
        self.images = relative(values, counts)
        world = self.draw(patients, variation, points, share, device)
        origin = variation.origin(world)
        truth = curves(look_up(hu + 1000, origin) - 1000)
        self.intensity = ((truth + 1000) / 3000).clamp(0, 1)
        labels = torch.stack([p.labels for p in patients])
        size = labels.shape[1]
        place = ((origin + SIDE / 2) * (size / SIDE)).floor().long()
        inside = ((place >= 0) & (place < size)).all(2)
        place = place.clamp(0, size - 1)
        batch = torch.arange(count, device=device)[:, None]
        found = labels[batch, place[..., 2], place[..., 1], place[..., 0]].long()
        known = inside & cuts.contain(variation.before(world))
        self.labels = torch.where(known, found, OUTSIDE)
        self.points = world / description["fieldOfView"]
        self.pixels = views.project(world)

    @staticmethod
    def draw(patients, variation, points, share, device):
        bone, tissue = int(share[0] * points), int(share[1] * points)
        voxel = SIDE / patients[0].hu.shape[0]
        chosen = []
        for patient in patients:
            lists = [p for p in ((patient.bone, bone), (patient.tissue, tissue)) if len(p[0])]
            chosen.append(torch.cat([p[torch.randint(len(p), (k,), device=device)] for p, k in lists]))
        places = torch.stack(chosen)
        places = places + voxel * (torch.rand_like(places) - 0.5)
        world = variation.carried(places, 1)
        anywhere = uniform((len(patients), points, 3), SIDE / 2, device)
        inside = (world.abs() <= SIDE / 2).all(2, keepdim=True)
        world = torch.where(inside, world, anywhere[:, : world.shape[1]])
        return torch.cat([world, anywhere[:, world.shape[1] :]], 1)


def answers(network, batch):
    """Intensity (B, P) and logits (B, P, K)."""
    b, v, h, w = batch.images.shape
    maps = network.encode(batch.images.reshape(b * v, 1, h, w))
    uv = batch.pixels.reshape(b * v, -1, 1, 2)
    grid = uv * torch.tensor([2 / (w - 1), 2 / (h - 1)], device=uv.device) - 1
    seen = F.grid_sample(maps, grid, align_corners=True)[..., 0]  # (B V, F, P)
    p = seen.shape[2]
    seen = seen.reshape(b, v * seen.shape[1], p).mT.reshape(b * p, -1)
    code = network.code(batch.points.reshape(-1, 3))
    intensity, logits = network.heads(torch.cat([seen, code], 1), first=0)
    return intensity.reshape(b, p), logits.reshape(b, p, -1)


def joint_loss(intensity, logits, batch, weights=(5, 0.5, 0.5)):
    """L1, cross-entropy and soft Dice (Loss/JointLoss.swift)."""
    scored = batch.labels != OUTSIDE
    l1 = ((intensity - batch.intensity).abs() * scored).sum() / scored.sum().clamp(min=1)
    known = batch.labels < OUTSIDE
    classes = logits.shape[-1]
    target = torch.where(known, batch.labels, 0)
    entropy = F.cross_entropy(logits.reshape(-1, classes), target.reshape(-1), reduction="none")
    entropy = (entropy * known.reshape(-1)).sum() / known.sum().clamp(min=1)
    q = logits.softmax(-1) * known[..., None]
    t = F.one_hot(target, classes) * known[..., None]
    overlap, size, present = ((q * t).sum((0, 1)), (q + t).sum((0, 1)), t.sum((0, 1)) > 0)
    dice = ((2 * overlap + 1) / (size + 1) * present).sum() / present.sum().clamp(min=1)
    return weights[0] * l1 + weights[1] * entropy + weights[2] * (1 - dice), l1


def initialise(parameters):
    """He's law for weights, ones and zeros for norms and biases."""
    for name, value in parameters.items():
        if name.endswith("bias"):
            value.zero_()
        elif "Norm" in name:
            value.fill_(1)
        elif value.dim() >= 2 and "table" not in name:
            gain = 1 if name.split(".")[-2] in ("intensity", "structure", "projection") else 2
            value.normal_(0, math.sqrt(gain / value[0].numel()))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--like", required=True, help="a model file of the network to train")
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--only", choices=["real", "phantoms"])
    parser.add_argument("--also", nargs="*", default=[], help="cases of other splits to learn from as well")
    parser.add_argument("--minutes", type=float, default=0, help="end after this time, even if steps are left")
    parser.add_argument("--steps", type=int, default=1 << 30)
    parser.add_argument("--patients", type=int, default=4, help="patients a step")
    parser.add_argument("--points", type=int, default=8192)
    parser.add_argument("--peak", type=float, default=2e-3, help="largest learning rate")
    parser.add_argument("--real-share", type=float, default=0.6)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--attribution", default="not stated")
    options = parser.parse_args()
    if not options.minutes and options.steps == 1 << 30:
        parser.error("say how long: --minutes or --steps")
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.set_float32_matmul_precision("high")
    torch.backends.cudnn.benchmark = True
    torch.set_default_device(device)
    torch.manual_seed(options.seed)
    with torch.device("cpu"):
        patients = list(read_patients(options.data, options.also, device))
        network = Network(options.like)
    real, phantoms = ([p for p in patients if p.is_real == kind] for kind in (True, False))
    real, phantoms = {"real": (real, []), "phantoms": ([], phantoms), None: (real, phantoms)}[options.only]
    print(f"{len(real)} real patients and {len(phantoms)} phantoms on {device}", flush=True)
    with safe_open(options.like, framework="pt") as file:
        metadata = file.metadata()
    description = json.loads(metadata["spider.description"])
    network.parameters = {name: value.to(device) for name, value in network.parameters.items()}
    if hasattr(network.code, "factors"):
        network.code.factors = network.code.factors.to(device)
    else:
        network.code.parameters = network.parameters
    initialise(network.parameters)
    optimizer = torch.optim.AdamW(network.requires_grad(), lr=options.peak, betas=(0.9, 0.99), weight_decay=1e-2)
    start, step, recent = time.time(), 0, []
    rng = numpy.random.default_rng(options.seed)

    def progress():
        passed = (time.time() - start) / (60 * options.minutes) if options.minutes else 0
        return max(passed, step / options.steps)

    def save():
        description["training"] = {
            "command": "Benchmarks/peers/train_torch.py", "steps": str(step),
            "patients seen": str(step * options.patients), "minutes": f"{(time.time() - start) / 60:.1f}",
            "attribution": options.attribution,
            "machine": torch.cuda.get_device_name() if device.type == "cuda" else "CPU",
            "cases": f"{len(real)} real, {len(phantoms)} phantoms"}
        metadata["spider.description"] = json.dumps(description)
        weights = {name: value.detach().half().cpu().contiguous() for name, value in network.parameters.items()}
        aside = options.out.with_suffix(".part")
        save_file(weights, aside, metadata)
        aside.replace(options.out)

    while progress() < 1:
        share = options.real_share if phantoms else 1
        chosen = []
        for _ in range(options.patients):
            group = real if real and rng.random() < share else phantoms or real
            chosen.append(group[rng.integers(len(group))])
        with torch.no_grad():
            batch = Batch(chosen, description, options.points, device)
        loss, l1 = joint_loss(*answers(network, batch), batch)
        rate = options.peak * min(1, (step + 1) / 50) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1, progress()))))
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters.values(), 1.0)
        optimizer.step()
        step += 1
        recent.append(torch.stack([loss.detach(), l1.detach()]))
        if step % 100 == 0:
            mean = torch.stack(recent).mean(0).tolist()
            recent = []
            print(f"step {step}, {time.time() - start:.0f} s, loss {mean[0]:.4f}, l1 {mean[1]:.4f}", flush=True)
            if not math.isfinite(mean[0]):
                raise SystemExit("the loss is not a number")
        if step % 1000 == 0:
            save()
    save()
    print(f"{step} steps; {options.out}")


if __name__ == "__main__":
    main()
