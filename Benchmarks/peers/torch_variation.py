"""How `train_torch.py` varies patients: SpiderTraining's `Augmentation`, `Deformation`, `RandomFieldOfView` and
`TissueVariation` on tensors. Settings are those of a configuration's section `augmentation`.

Shape letters: B patients, M places, n voxels along a side.
"""

import math

import torch
import torch.nn.functional as F

NODES = 17
"""Nodes of a deformation's lattice along each side."""


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

    def __init__(self, count, settings, side, voxel, device):
        size = 1 + uniform((count, 1, 1), settings["scale"], device)
        map_ = torch.diag_embed(1 + uniform((count, 3), settings["stretch"], device)) * size
        self.mirrored = (torch.rand(count, device=device) < 0.5) & settings["mirror"]
        map_[:, 0, 0] *= torch.where(self.mirrored, -1.0, 1.0)
        shear = torch.eye(3, device=device).repeat(count, 1, 1)
        shear[:, 0, 1], shear[:, 0, 2], shear[:, 1, 2] = uniform((3, count), settings["shear"], device)
        self.linear = rotations(count, settings["turnDegrees"], device) @ shear @ map_
        self.shift = uniform((count, 3), settings["shift"], device)
        self.inverse = torch.linalg.inv(self.linear)
        # The lattice spans the middles of the outermost voxels.
        self.reach = (side - voxel) / 2
        cells = max(1, min(64, round(side / settings["deformationSpacing"])))
        basis = spline_basis(NODES, cells, device)
        raised = settings["deformation"] * math.sqrt(315 / 151) ** 3
        field = raised * torch.randn(count, 3, cells + 3, cells + 3, cells + 3, device=device)
        field = torch.einsum("bczyx,kz,jy,ix->bckji", field, basis, basis, basis)
        bound = (settings["deformationStrain"] / strain(field, 2 * self.reach / (NODES - 1))).clamp(max=1)
        self.field = field * bound[:, None, None, None, None]

    def displacement(self, places):
        grid = (places / self.reach)[:, :, None, None]
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


def strain(field, step):
    """The bound on the derivatives of displacements (B, 3, nodes, nodes, nodes) in mm, nodes `step` mm apart: in
    each cell the largest differences along its edges, one for each direction and component, squared and summed."""
    squares = 0
    for axis in range(3):
        edges = field.diff(dim=axis + 2).abs() / step
        four = [1 if other == axis else 2 for other in range(3)]
        squares = squares + F.max_pool3d(edges, four, stride=1).square().sum(1)
    return squares.flatten(1).amax(1).sqrt()


class RandomFieldOfViews:
    """Boxes (B, 3) in mm beyond which some of the patients were not scanned (Data/ImperfectScan.swift)."""

    def __init__(self, patients, share, device, side_share=0.3, depth=0.3):
        least, most = (torch.stack([p.bounds[end] for p in patients]) for end in (0, 1))
        voxel, shape = patients[0].voxel, (len(patients), 3)
        edge = (patients[0].side - voxel) / 2
        cut = torch.rand(shape[0], 1, device=device) < share

        def depths():
            return ((most - least) / voxel * depth * torch.rand(shape, device=device) ** 2).round() * voxel

        ends = [cut & (torch.rand(shape, device=device) < side_share) for _ in range(2)]
        anywhere = torch.where(cut, edge, torch.inf)
        self.low = torch.where(ends[0], least + depths(), -anywhere)
        self.high = torch.where(ends[1], most - depths(), anywhere)

    def contain(self, places):
        """Whether places (B, M, 3) in the patients, before they were deformed, were scanned: (B, M)."""
        return ((places >= self.low[:, None]) & (places <= self.high[:, None])).all(2)


class TissueCurves:
    """Other CT numbers of fat, soft tissue and bone, and another gain, for each patient of a batch."""

    def __init__(self, count, settings, device):
        def one(name, scale=1):
            return uniform((count, 1), settings[name] * scale, device)

        self.fat, self.soft = 0.9 + one("fat", 1e-3), 1.04 + one("soft", 1e-3)
        kept = 1 - settings.get("boneLoss", 0) * torch.rand(count, 1, device=device)
        self.bone, self.gain = (1 + one("boneDensity")) * kept, 1 + one("gain")

    def __call__(self, hu):
        """CT numbers (B, M) as the curves make them."""
        relative = 1 + hu / 1000
        low = relative * (self.fat / 0.9)
        middle = self.fat + (relative - 0.9) * ((self.soft - self.fat) / 0.14)
        high = self.soft + (relative - 1.04) * self.bone
        curve = torch.where(relative < 0.9, low, torch.where(relative < 1.04, middle, high))
        return 1000 * self.gain * curve - 1000
