"""Patients of a Spider data set as tensors, and how `train_torch.py` varies them.

Shape letters: B patients, M places, n voxels along a side.
"""

import gzip
import json
import math

import numpy
import torch
import torch.nn.functional as F

OUTSIDE = 254
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
        self.bounds = (self.tissue.amin(0), self.tissue.amax(0))
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
        raised = 2.5 * math.sqrt(315 / 151) ** 3
        field = raised * torch.randn(count, 3, cells + 3, cells + 3, cells + 3, device=device)
        field = torch.einsum("bczyx,kz,jy,ix->bckji", field, basis, basis, basis)
        steps = SIDE / (nodes - 1)
        squares = sum(field.diff(dim=axis).abs().flatten(1).max(1).values ** 2 for axis in (2, 3, 4)) * 3
        strain = squares.sqrt() / steps
        self.field = field * (0.5 / strain).clamp(max=1)[:, None, None, None, None]

    def displacement(self, places):
        grid = (places / (SIDE / 2))[:, :, None, None]
        return F.grid_sample(self.field, grid, align_corners=True, padding_mode="border")[:, :, :, 0, 0].mT

    def before(self, world):
        """Where the places (B, M, 3) of the world were before the patients moved."""
        return (world - self.shift[:, None]) @ self.inverse.mT

    def origin(self, world):
        """Where in the patients the places (B, M, 3) of the world come from."""
        place = self.before(world)
        return place + self.displacement(place)

    def carried(self, places, rounds):
        """Where places in the patients are carried to, nearly."""
        at = places
        for _ in range(rounds):
            at = places - self.displacement(at)
        return at @ self.linear.mT + self.shift[:, None]


class ScanCuts:
    """Boxes (B, 3) in mm beyond which the patients were not scanned (Data/ScanCut.swift)."""

    def __init__(self, patients, device, share=0.4, side_share=0.3, depth=0.3):
        least, most = (torch.stack([p.bounds[end] for p in patients]) for end in (0, 1))
        shape = (len(patients), 3)
        part = (most - least) * depth
        cut = torch.rand(shape[0], 1, device=device) < share
        ends = [cut & (torch.rand(shape, device=device) < side_share) for _ in range(2)]
        self.low = torch.where(ends[0], least + part * torch.rand(shape, device=device) ** 2, -torch.inf)
        self.high = torch.where(ends[1], most - part * torch.rand(shape, device=device) ** 2, torch.inf)

    def contain(self, places):
        """Whether places (B, M, 3) in the patients, before they were deformed, were scanned: (B, M)."""
        return ((places >= self.low[:, None]) & (places <= self.high[:, None])).all(2)


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
