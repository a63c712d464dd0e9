#!/usr/bin/env python3
"""Trains Spider's network in PyTorch, on a GPU where there is one, and writes a model file of Spider's.

    python Benchmarks/peers/train_torch.py DATA --like MODEL.safetensors --out NEW.safetensors --minutes 8
    spider evaluate --model NEW.safetensors --data DATA

DATA is a data set of `spider prepare`, of which the split `train` is used; MODEL says what the network looks
like, its weights are not used. Samples are made as `spider train` makes them (Docs/Training.md): patients
shifted, turned, sized, sheared, mirrored, smoothly deformed, their tissues' CT numbers varied; X-rays by
line integrals through the varied volume, some with noise, scatter, blur, beam hardening, a tone curve or a
collimator; pixels masked whose rays leave the scan through tissue. The physics is a cheap imitation of
SpiderDRR's, and patients are warped once to 2 mm voxels before their X-rays are taken, so the run agrees with
`spider train` in kind, not in numbers. Needs torch, numpy and safetensors.

Shape letters: B patients, V views, N rays, S samples a ray, P points, K classes.
"""

import argparse
import gzip
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

WATER = 0.0193  # 1/mm at 70 keV
OUTSIDE, UNKNOWN = 254, 255
SIDE = 256.0


def read_nifti(path):
    """Values [z][y][x] of a NIfTI file of Spider's own."""
    raw = gzip.open(path).read()
    header = numpy.frombuffer(raw[:348], numpy.uint8)
    nx, ny, nz = header[40:56].view("<i2")[1:4].astype(int)
    kind = {2: "u1", 4: "<i2", 16: "<f4", 512: "<u2"}[int(header[70:72].view("<i2")[0])]
    offset = int(header[108:112].view("<f4")[0])
    slope, intercept = header[112:120].view("<f4")
    values = numpy.frombuffer(raw, kind, nx * ny * nz, offset).reshape(nz, ny, nx)
    if slope not in (0, 1) or intercept != 0:
        values = values.astype(numpy.float32) * (slope or 1) + intercept
    return values


class Patient:
    """A case of a data set in the device's memory."""

    def __init__(self, folder, is_real, device):
        hu = read_nifti(folder / "ct.nii.gz").astype(numpy.float32)
        labels = read_nifti(folder / "labels.nii.gz").astype(numpy.uint8)
        self.is_real = is_real
        self.hu = torch.from_numpy(hu).to(device).half()
        self.labels = torch.from_numpy(labels).to(device)
        tissue = (labels != 0) & (labels != OUTSIDE)
        self.tissue = self.places(tissue, device)
        self.bone = self.places(tissue & (hu >= 300), device)
        inside = numpy.pad(labels != OUTSIDE, 1)
        surrounded = numpy.ones_like(tissue)
        for axis in range(3):
            for shift in (-1, 1):
                near = numpy.roll(inside, shift, axis)[1:-1, 1:-1, 1:-1]
                surrounded &= near
        self.exits = self.places((hu > -500) & (labels != OUTSIDE) & ~surrounded, device)

    @staticmethod
    def places(mask, device):
        """Voxels of a mask (M, 3) as (x, y, z) in mm about the isocentre."""
        n = mask.shape[0]
        index = numpy.argwhere(mask)[:, ::-1].astype(numpy.float32)
        return torch.from_numpy((index + 0.5) * (SIDE / n) - SIDE / 2).to(device)


def read_patients(data, also, device):
    index = json.loads((data / "dataset.json").read_text())
    for entry in index["cases"]:
        if entry["split"] == "train" or entry["id"] in also:
            yield Patient(data / (entry.get("folder") or entry["id"]), entry["is_real"], device)


# ---- Varying patients ---------------------------------------------------------------------------


def uniform(count, limit, device):
    return (2 * torch.rand(count, device=device) - 1) * limit


def rotations(count, degrees, device):
    """Turns about random axes: (B, 3, 3)."""
    axis = F.normalize(torch.randn(count, 3, device=device), dim=1)
    angle = uniform(count, math.radians(degrees), device)[:, None, None]
    zero = torch.zeros(count, device=device)
    x, y, z = axis.unbind(1)
    cross = torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], 1).reshape(count, 3, 3)
    return torch.eye(3, device=device) + torch.sin(angle) * cross + (1 - torch.cos(angle)) * cross @ cross


def spline_basis(nodes, cells, device):
    """Cubic B-spline weights of the control points at the nodes: (nodes, cells + 3)."""
    basis = torch.zeros(nodes, cells + 3)
    for node in range(nodes):
        place = node * cells / (nodes - 1)
        first = min(cells - 1, int(place))
        t = place - first
        weights = [(1 - t) ** 3, 3 * t**3 - 6 * t * t + 4, -3 * t**3 + 3 * t * t + 3 * t + 1, t**3]
        basis[node, first : first + 4] = torch.tensor(weights) / 6
    return basis.to(device)


class Variation:
    """The poses and deformations of a batch: maps places of the varied world to places in the patients."""

    def __init__(self, count, device):
        map_ = torch.diag_embed(1 + uniform((count, 3), 0.06, device)) * (1 + uniform((count, 1, 1), 0.08, device))
        self.mirrored = torch.rand(count, device=device) < 0.5
        map_[:, 0, 0] *= torch.where(self.mirrored, -1.0, 1.0)
        shear = torch.eye(3, device=device).repeat(count, 1, 1)
        shear[:, 0, 1], shear[:, 0, 2], shear[:, 1, 2] = uniform((3, count), 0.04, device)
        self.linear = rotations(count, 10, device) @ shear @ map_
        self.shift = uniform((count, 3), 20, device)
        self.inverse = torch.linalg.inv(self.linear)
        nodes, cells = 17, 5
        basis = spline_basis(nodes, cells, device)
        raised = 4 * math.sqrt(315 / 151) ** 3
        field = raised * torch.randn(count, 3, cells + 3, cells + 3, cells + 3, device=device)
        field = torch.einsum("bczyx,kz,jy,ix->bckji", field, basis, basis, basis)
        steps = SIDE / (nodes - 1)
        squares = sum(field.diff(dim=axis).abs().flatten(1).max(1).values ** 2 for axis in (2, 3, 4)) * 3
        strain = squares.sqrt() / steps
        self.field = field * (0.5 / strain).clamp(max=1)[:, None, None, None, None]

    def displacement(self, places):
        grid = (places / (SIDE / 2))[:, :, None, None]
        return F.grid_sample(self.field, grid, align_corners=True, padding_mode="border")[:, :, :, 0, 0].mT

    def origin(self, world):
        """Where in the patients the places (B, M, 3) of the world come from."""
        place = (world - self.shift[:, None]) @ self.inverse.mT
        return place + self.displacement(place)

    def carried(self, places, rounds):
        """Where places in the patients are carried to, nearly."""
        at = places
        for _ in range(rounds):
            at = places - self.displacement(at)
        return at @ self.linear.mT + self.shift[:, None]


class TissueCurves:
    """Other CT numbers of fat, soft tissue and bone, and another gain, for each patient of a batch."""

    def __init__(self, count, device):
        self.fat = 0.9 + uniform((count, 1), 0.015, device)
        self.soft = 1.04 + uniform((count, 1), 0.010, device)
        self.bone = 1 + uniform((count, 1), 0.12, device)
        self.gain = 1 + uniform((count, 1), 0.01, device)

    def __call__(self, hu):
        """CT numbers (B, M) as the curves make them."""
        relative = 1 + hu / 1000
        low = relative * (self.fat / 0.9)
        middle = self.fat + (relative - 0.9) * ((self.soft - self.fat) / 0.14)
        high = self.soft + (relative - 1.04) * self.bone
        curve = torch.where(relative < 0.9, low, torch.where(relative < 1.04, middle, high))
        return 1000 * self.gain * curve - 1000


def look_up(volumes, places, mode="bilinear"):
    """Values of volumes (B, n, n, n) at places (B, M, 3) in mm, 0 outside."""
    n = volumes.shape[1]
    grid = (places * (2 / SIDE))[:, :, None, None]
    return F.grid_sample(volumes[:, None], grid, mode=mode, align_corners=False)[:, 0, :, 0, 0]


# ---- X-rays -------------------------------------------------------------------------------------


class Views:
    """The geometries of a batch: the setup's views, turned a little, at slightly other distances."""

    def __init__(self, setup, names, count, device, vary=True):
        directions = {"pa": ((0, -1, 0), (-1, 0, 0)), "ap": ((0, 1, 0), (-1, 0, 0)),
                      "left": ((1, 0, 0), (0, -1, 0)), "right": ((-1, 0, 0), (0, 1, 0))}
        towards, columns = (torch.tensor([directions[name][i] for name in names], dtype=torch.float32,
                                         device=device) for i in (0, 1))
        views = len(names)
        turn = rotations(count * views, 1.5 if vary else 0, device).reshape(count, views, 3, 3)
        far = 1 + uniform((count, views, 1), 0.05 if vary else 0, device)
        sad, sid = setup["sourceToAxis"], setup["sourceToDetector"]

        def turned(vectors):
            return torch.einsum("bvij,vj->bvi", turn, vectors)

        self.source = turned(towards) * sad * far
        self.column = turned(columns) * setup["pixelSize"][0]
        self.row = turned(torch.tensor([[0.0, 0, -1]], device=device).repeat(views, 1)) * setup["pixelSize"][1]
        self.columns, self.rows = setup["columns"], setup["rows"]
        self.corner = (turned(towards) * (sad - sid) - self.column * (self.columns - 1) / 2
                       - self.row * (self.rows - 1) / 2)

    def pixels(self):
        """Pixel centres (B, V, H, W, 3)."""
        device = self.corner.device
        u = torch.arange(self.columns, device=device)[:, None]
        v = torch.arange(self.rows, device=device)[:, None, None]
        expand = lambda x: x[:, :, None, None]
        return expand(self.corner) + u * expand(self.column) + v * expand(self.row)

    def project(self, world):
        """World places (B, M, 3) to pixels (B, V, M, 2)."""
        # s + t (x - s) = corner + c column + r row
        system = torch.stack([self.column, self.row, self.source - self.corner], 3)  # columns of a 3x3
        ray = world[:, None] - self.source[:, :, None]
        # ray = a column + b row + w (source - corner), so the pixel is (a, b) / -w
        solved = torch.linalg.solve(system[:, :, None], ray[..., None])[..., 0]
        return solved[..., :2] / -solved[..., 2:]


def line_integrals(volumes, views, step, together=16):
    """Line integrals (B, V, H, W) of attenuation (B, n, n, n) in 1/mm, `together` samples of a ray at once."""
    pixel = views.pixels()
    b, v, h, w = pixel.shape[:-1]
    source = views.source[:, :, None, None]
    direction = F.normalize(pixel - source, dim=-1)
    nearest = source - direction * (source * direction).sum(-1, keepdim=True)
    # Views are level but for a few degrees: the cube reaches no farther than this.
    reach = 1.25 * SIDE / 2
    total = torch.zeros(b, v * h * w, device=pixel.device)
    for offsets in torch.arange(-reach, reach, step, device=pixel.device).split(together):
        places = nearest[..., None, :] + direction[..., None, :] * offsets[:, None]
        values = look_up(volumes, places.reshape(b, -1, 3))
        total += values.reshape(b, v * h * w, -1).sum(2)
    return total.reshape(b, v, h, w) * step


def blurred(images, sigma):
    """Images (B, V, H, W) blurred by a Gaussian of `sigma` pixels each (B, V)."""
    b, v, h, w = images.shape
    reach = int(3 * float(sigma.max())) + 1
    x = torch.arange(-reach, reach + 1, device=images.device)
    kernel = torch.exp(-0.5 * (x / sigma.clamp(min=1e-3).reshape(-1, 1)) ** 2)
    kernel = kernel / kernel.sum(1, keepdim=True)
    flat = F.pad(images.reshape(1, b * v, h, w), (reach,) * 4, mode="replicate")
    flat = F.conv2d(flat, kernel[:, None, :, None], groups=b * v)
    return F.conv2d(flat, kernel[:, None, None, :], groups=b * v).reshape(b, v, h, w)


def physical(lines, device):
    """Line integrals as other tubes, detectors and picture programs show them; and which pixels count."""
    b, v, h, w = lines.shape
    shape = (b, v, 1, 1)

    def between(low, high):
        return low + (high - low) * torch.rand(shape, device=device)

    hardened = lines - between(0, 0.025) * lines**2
    intensity = torch.exp(-hardened)
    scatter = between(0, 0.06)
    wide = blurred(intensity, between(8, 20)[:, :, 0, 0])
    intensity = blurred(intensity, between(0.2, 1.0)[:, :, 0, 0]) + scatter * (wide - intensity.amin((2, 3), True)) * 0.3
    photons = torch.exp(between(math.log(2e3), math.log(2e6)))
    intensity = intensity + torch.randn_like(intensity) * (intensity.clamp(min=1e-4) / photons).sqrt()
    values = -torch.log(intensity.clamp(min=2e-4))
    top = values.amax((2, 3), True)
    curve = top * (values.clamp(min=0) / top) ** between(0.65, 1.5)
    values = torch.where(between(0, 1) < 0.5, curve, values)
    counts = torch.ones_like(values, dtype=torch.bool)
    edge = between(0, 1) < 0.2
    row = torch.arange(h, device=device)[:, None] / (h - 1)
    column = torch.arange(w, device=device) / (w - 1)
    for side in (row, 1 - row, column, 1 - column):
        counts &= ~(edge & (side < between(0, 0.15)))
    return values, counts


def relative(values, counts):
    """The relative form of images (B, V, H, W) (Radiograph+Normalization.swift)."""
    b, v, h, w = values.shape
    flat, mask = values.reshape(b * v, -1), counts.reshape(b * v, -1)
    known = torch.where(mask, flat, torch.inf).sort(1).values
    n = mask.sum(1)

    def at(start, count, share):
        place = start + (share * (count - 1).clamp(min=0)).long()
        return known.gather(1, place[:, None].clamp(max=known.shape[1] - 1))

    zero = torch.zeros_like(n)
    low, top = at(zero, n, 0.005), at(zero, n, 0.995)
    band = 0.05 * (top - low)
    dark = (known <= low + band).sum(1)
    open_field = at(zero, dark, 0.5)
    first = (known <= open_field + band).sum(1)
    span = (at(first, n - first, 0.995) - open_field).clamp(min=1e-6)
    result = ((flat - open_field) / span).clamp(0, 1.5)
    return torch.where(mask, result, 0).reshape(b, v, h, w)


def exit_mask(patients, variation, views):
    """Which pixels count (B, V, H, W): not those whose rays leave the scan through tissue."""
    h, w = views.rows, views.columns
    b, v = views.source.shape[:2]
    device = views.source.device
    most = max(len(p.exits) for p in patients)
    counts = torch.ones(b, v, h, w, dtype=torch.bool, device=device)
    if most == 0:
        return counts
    places = torch.full((b, most, 3), 1e4, device=device)
    for number, patient in enumerate(patients):
        places[number, : len(patient.exits)] = patient.exits
    pixel = views.project(variation.carried(places, 3)).round().long()
    column, row = pixel[..., 0], pixel[..., 1]
    known = torch.isfinite(places[:, None, :, 0]) & (places[:, None, :, 0] < 1e3)
    inside = (column >= 0) & (column < w) & (row >= 0) & (row < h) & known
    hit = torch.zeros(b, v, h * w, device=device)
    hit.scatter_add_(2, torch.where(inside, row * w + column, 0), inside.float())
    hit = F.max_pool2d(hit.reshape(b, v, h, w), 3, 1, 1)
    return hit == 0


# ---- Samples and the network --------------------------------------------------------------------


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
        views = Views(description["setup"], description["views"], count, device)
        lines = line_integrals(attenuation, views, 2.0)
        values, collimated = physical(lines, device)
        plain = torch.rand(lines.shape[:2], device=device)[..., None, None] < 0.5
        noise = 0.01 * torch.rand(count, lines.shape[1], 1, 1, device=device) * lines.amax((2, 3), True)
        values = torch.where(plain, lines + noise * torch.randn_like(lines), values)
        counts = plain | collimated
        masks = torch.rand(count, 1, 1, 1, device=device) < 0.5
        counts = counts & (exit_mask(patients, variation, views) | ~masks)
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
        self.labels = torch.where(inside, found, OUTSIDE)
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
    known = batch.labels < UNKNOWN - 1
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
