"""The X-rays that models learn from which read any views: SpiderTraining's `AnyViewDraw` on tensors.

Shape letters: B patients, V views.
"""

import math

import torch

from torch_variation import uniform

USUAL = 0.5
"""The share of patients taken as people take heads; the others are taken from anywhere."""
TURN = 10.0
"""How far such directions are off, degrees."""
TILTED, MOST, LITTLE = 0.25, 35.0, 4.0
"""The share of X-rays with a tube that is tilted much, and by how much at most, degrees; the others by little."""
DISTANCES = 800.0, 2000.0
"""Distances from source to isocentre, mm; half of the patients have the model's own."""


def view_count(architecture):
    """How many X-rays each patient of a step has: half of the time as many as the model is validated with, any other
    number equally often."""
    counts, rule = architecture["anyViews"], architecture["viewCount"]
    others = [count for count in range(counts["least"], counts["most"] + 1) if count != rule]
    if not others or torch.rand(()) >= 0.5:
        return rule
    return others[int(torch.randint(len(others), ()))]


def drawn(model, patients, device):
    """Towards the sources, along which columns and along which rows count, (B, V, 3) each, and the sources' distances
    from the isocentre (B, 1, 1), mm."""
    shape = patients, view_count(model["architecture"])
    reach = torch.where(torch.rand(shape, device=device) < TILTED, MOST, LITTLE)
    far = torch.empty(patients, 1, 1, device=device).uniform_(*map(math.log, DISTANCES)).exp()
    far = torch.where(coins(far.shape, device), far, model["setup"]["sourceToAxis"])
    return *axes(gantries(*shape, device), reach * uniform(shape, 1, device)), far


def gantries(patients, views, device):
    """Gantry angles (B, V), degrees: one view from the front or behind, the next from a side, more from the sides
    left or between; or any angles."""
    front, side = (start + 180.0 * coins((patients, 1), device) for start in (0, 90))
    pair = torch.cat([front, side], 1)
    pair = torch.where(coins((patients, 1), device), pair, pair.flip(1))
    more = 45.0 * torch.randint(8, (patients, max(0, views - 2)), device=device)
    sides = torch.cat([pair, more], 1)[:, :views]
    usual = torch.rand(patients, 1, device=device) < USUAL
    anywhere = uniform((patients, views), 180, device)
    return torch.where(usual, sides + uniform((patients, views), TURN, device), anywhere)


def axes(gantry, tilt):
    """Towards the source, along which columns and along which rows count (..., 3 each), of gantry angles and tilts in
    degrees (ViewSetup.geometry)."""
    g, t = torch.deg2rad(gantry), torch.deg2rad(tilt)
    zero = torch.zeros_like(g)
    level = torch.stack([-g.sin(), g.cos(), zero], -1)
    up = torch.stack([zero, zero, zero + 1], -1)
    columns = torch.stack([-g.cos(), -g.sin(), zero], -1)
    sin, cos = t.sin()[..., None], t.cos()[..., None]
    return level * cos + up * sin, columns, level * sin - up * cos


def coins(shape, device):
    return torch.rand(shape, device=device) < 0.5
