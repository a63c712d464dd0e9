"""A small U-Net of volumes that names tissues in CTs, taught on true ones: a segmenter that knows no reconstruction.

    python Benchmarks/peers/segmenter.py --data DATA --out segmenter.pt [--steps 400] [--seed 1]

DATA is what `spider prepare` wrote (64^3 voxels here): it learns from split `train`, exact labels of phantoms and those
of the automatic labeller, and says what it makes of split `val`. Voxels whose label is unknown (255) or outside of the
scan (254) teach nothing. Input: HU, clipped to [-1000, 2000], -1000 outside of the scan, and the voxel's place in the
prepared frame, which tells jaw and spine from skull; answer: a class of the head scheme for every voxel (O. Cicek et
al., 3D U-Net, MICCAI 2016, narrow, with instance norms).
`downstream.py` reads what it writes.
"""

import argparse
import json
import time
from pathlib import Path

import nibabel
import numpy
import torch
from torch import nn
from torch.nn import functional

CLASSES = ("background", "soft_tissue", "intracranial", "skull", "mandible", "cervical_spine", "air_cavities")
OUTSIDE, UNKNOWN = 254, 255
WIDTHS = (8, 24, 64, 96)
WEIGHTS = (0.3, 1, 1, 1, 8, 8, 3)
"""Of the classes in the cross-entropy: jaw and spine are 2 and 1 % of a head, and were never found without."""


def read_by_network(hu, labels):
    """A volume as the network reads it (1, 4, x, y, z): HU as -1 to 1, air outside of the scan; places as -1 to 1."""
    hu = numpy.clip((numpy.where(labels == OUTSIDE, -1000, hu) - 500) / 1500, -1, 1)
    places = numpy.meshgrid(*(numpy.linspace(-1, 1, n) for n in hu.shape), indexing="ij")
    return torch.from_numpy(numpy.stack([hu, *places]).astype(numpy.float32))[None]


def read(file):
    return numpy.asanyarray(nibabel.load(file).dataobj)


def block(inputs, outputs):
    layers = []
    for width in (inputs, outputs):
        layers += [nn.Conv3d(width, outputs, 3, padding=1, bias=False), nn.InstanceNorm3d(outputs, affine=True),
                   nn.ReLU(inplace=True)]
    return nn.Sequential(*layers)


class Segmenter(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.ModuleList(block(a, b) for a, b in zip((4, *WIDTHS), WIDTHS))
        self.up = nn.ModuleList(block(a + b, b) for a, b in zip(WIDTHS[:0:-1], WIDTHS[-2::-1]))
        self.answer = nn.Conv3d(WIDTHS[0], len(CLASSES), 1)

    def forward(self, x):
        """Class scores (B, 7, x, y, z) of volumes (B, 4, x, y, z), sides a multiple of 8."""
        kept = []
        for level, step in enumerate(self.down):
            x = step(functional.max_pool3d(x, 2) if level else x)
            kept.append(x)
        for step, skip in zip(self.up, kept[-2::-1]):
            x = step(torch.cat([functional.interpolate(x, scale_factor=2.0, mode="trilinear"), skip], 1))
        return self.answer(x)

    @torch.no_grad()
    def labels(self, hu, known):
        """The classes of one volume; `known` holds its labels, or any array that is 254 outside of the scan."""
        self.eval()
        return self(read_by_network(hu, known))[0].argmax(0).numpy().astype(numpy.uint8)


def loss(scores, labels):
    """Cross-entropy and soft Dice of the classes that are there, over voxels whose label is known."""
    counted = labels < OUTSIDE
    target = torch.where(counted, labels, 0)
    rare = torch.tensor(WEIGHTS, dtype=scores.dtype)
    weights = rare[target] * counted
    entropy = (functional.cross_entropy(scores, target, reduction="none") * weights).sum() / weights.sum()
    mask = counted[:, None]
    truth = functional.one_hot(target, len(CLASSES)).movedim(-1, 1) * mask
    share = scores.softmax(1) * mask
    both, all_ = (share * truth).sum((0, 2, 3, 4)), (share + truth).sum((0, 2, 3, 4))
    there = truth.sum((0, 2, 3, 4)) > 0
    return entropy + (1 - 2 * both / all_.clamp_min(1))[there].mean()


def varied(hu, labels, draw):
    """A head moved by a few voxels, mirrored at times (bones and their labels are the same on both sides), its CT
    numbers a little off and noisy."""
    shift = tuple(int(n) for n in draw.integers(-4, 5, 3))
    hu, labels = (numpy.roll(a, shift, (0, 1, 2)) for a in (hu, labels))
    if draw.random() < 0.5:
        hu, labels = hu[::-1], labels[::-1]
    noise = draw.normal(0, draw.uniform(0, 40), hu.shape)
    return hu * draw.uniform(0.95, 1.05) + draw.uniform(-30, 30) + noise, labels


def dice(found, truth):
    counted = truth < OUTSIDE
    result = {}
    for number, name in enumerate(CLASSES):
        a, b = (found == number) & counted, (truth == number) & counted
        if b.any():
            result[name] = float(2 * (a & b).sum() / (a.sum() + b.sum()))
    return result


def train(cases, steps, seed, rate=3e-3):
    torch.manual_seed(seed)
    draw, network, begun = numpy.random.default_rng(seed), Segmenter(), time.time()
    optimizer = torch.optim.AdamW(network.parameters(), rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps)
    for step in range(steps):
        hu, labels = varied(*cases[draw.integers(len(cases))], draw)
        total = loss(network(read_by_network(hu, labels)), torch.from_numpy(labels.astype(numpy.int64))[None])
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        schedule.step()
        if step % 50 == 0:
            print(f"step {step}: loss {total.item():.3f}, {time.time() - begun:.0f} s", flush=True)
    return network


def load(file):
    network = Segmenter()
    network.load_state_dict(torch.load(file, weights_only=True))
    return network


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    cases = {"train": {}, "val": {}}
    for case in json.loads((options.data / "dataset.json").read_text())["cases"]:
        if case["split"] in cases:
            folder = options.data / case["id"]
            labels = read(folder / "labels.nii.gz")
            # Where the labeller found no cranial cavity it knows no bone, and may call brain soft tissue.
            if (labels == CLASSES.index("intracranial")).any():
                cases[case["split"]][case["id"]] = read(folder / "ct.nii.gz").astype(numpy.float32), labels
    network = train(list(cases["train"].values()), options.steps, options.seed)
    torch.save(network.state_dict(), options.out)
    for name, (hu, labels) in cases["val"].items():
        print(name, {key: round(value, 3) for key, value in dice(network.labels(hu, labels), labels).items()})


if __name__ == "__main__":
    main()
