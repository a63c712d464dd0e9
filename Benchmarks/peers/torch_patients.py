"""Patients of a Spider data set as tensors, for `train_torch.py`.

Shape letters: B patients, M places, n voxels along a side.
"""

import gzip
import json

import numpy
import torch
import torch.nn.functional as F

from joint_loss import OUTSIDE, UNKNOWN


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
    """A case of a data set in the device's memory; places in it are mm about the isocentre."""

    def __init__(self, folder, is_real, side, device):
        hu = read_nifti(folder / "ct.nii.gz")
        labels = read_nifti(folder / "labels.nii.gz").astype(numpy.uint8)
        self.is_real, self.side, self.voxel = is_real, side, side / len(hu)
        whole = hu.dtype == numpy.int16 or (hu == hu.astype(numpy.int16)).all()
        self.hu = torch.from_numpy(hu.astype(numpy.int16 if whole else numpy.float32)).to(device)
        self.labels = torch.from_numpy(labels).to(device)
        # Where the class is unknown, the CT number tells tissue from air.
        tissue = (labels != 0) & (labels != OUTSIDE) & ((labels != UNKNOWN) | (hu >= -300))
        self.tissue = self.places(tissue, device)
        bone = tissue & (hu >= 300)
        self.bone = self.places(bone, device)
        self.kinds = torch.from_numpy(tissue.astype(numpy.uint8) + bone).to(device)
        middle = torch.zeros(1, 3, device=device)
        self.bounds = [getattr(self.tissue if len(self.tissue) else middle, end)(0) for end in ("amin", "amax")]
        inside = numpy.pad(labels != OUTSIDE, 1)
        surrounded = numpy.ones_like(tissue)
        for axis in range(3):
            for shift in (-1, 1):
                surrounded &= numpy.roll(inside, shift, axis)[1:-1, 1:-1, 1:-1]
        # Tissue beside the end of the scan or of the grid (SpiderEvaluation/Scoring/TruncatedTissue.swift).
        self.exits = self.places((hu > -500) & (labels != OUTSIDE) & ~surrounded, device)

    def places(self, mask, device):
        """Voxels of a mask (M, 3) as (x, y, z) in mm about the isocentre."""
        index = numpy.argwhere(mask)[:, ::-1].astype(numpy.float32)
        return torch.from_numpy((index + 0.5) * self.voxel - self.side / 2).to(device)


def read_patients(data, also, device):
    """The patients of the split `train`, and those of other splits whose names are in `also`."""
    index = json.loads((data / "dataset.json").read_text())
    for entry in index["cases"]:
        if entry["split"] == "train" or entry["id"] in also:
            folder = data / (entry.get("folder") or entry["id"])
            yield Patient(folder, entry["is_real"], index["field_of_view_mm"], device)


def look_up(volumes, places, side):
    """Trilinear values of volumes (B, n, n, n) over a side at places (B, M, 3) in mm, 0 outside of them."""
    grid = (places * (2 / side))[:, :, None, None]
    values = F.grid_sample(volumes[:, None], grid, padding_mode="border", align_corners=False)[:, 0, :, 0, 0]
    return values * (places.abs() < side / 2).all(2)


def label_up(volumes, places, side):
    """Labels (B, M) of the nearest voxels of volumes (B, n, n, n) at places (B, M, 3). Nothing is known outside, nor
    where any voxel that the intensity is interpolated from lies outside the scan (Data/TrainingCase.swift)."""
    n = volumes.shape[1]
    voxel = (places / side + 0.5) * n - 0.5
    nearest = (voxel + 0.5).floor()
    known = ((nearest >= 0) & (nearest < n)).all(2)
    low, high = voxel.floor(), voxel.ceil()
    for corner in range(8):
        take_high = torch.tensor([bool(corner >> axis & 1) for axis in range(3)], device=places.device)
        known = known & (at(volumes, torch.where(take_high, high, low)) != OUTSIDE)
    return torch.where(known, at(volumes, nearest), OUTSIDE)


def kind_up(volumes, places, side):
    """Kinds (B, M) of the nearest voxels: 2 in bone, 1 in other tissue, 0 elsewhere."""
    nearest = ((places / side + 0.5) * volumes.shape[1]).floor()
    inside = ((nearest >= 0) & (nearest < volumes.shape[1])).all(2)
    return torch.where(inside, at(volumes, nearest), 0)


def at(volumes, voxels):
    """Numbers (B, M) of volumes (B, n, n, n) at voxels (B, M, 3), or the nearest there are."""
    batch = torch.arange(len(volumes), device=volumes.device)[:, None]
    x, y, z = voxels.long().clamp(0, volumes.shape[1] - 1).unbind(2)
    return volumes[batch, z, y, x].long()
