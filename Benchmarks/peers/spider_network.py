"""The SPIDER network of Sources/SpiderCore/Network in PyTorch, with the weights of one of our model files.

It is the rival in the benchmarks, so it is written to be fast there: one `grid_sample` a view, one
`embedding_bag` for all levels of the hash code, an MLP on chunks of points. Shape letters: V views, H rows,
W columns, C channels, P points, F features, K classes.
"""

import json
import math

import torch
import torch.nn.functional as F
from safetensors import safe_open

# The primes of the hash (Mueller et al. 2022), as in PositionalCode/HashCode.swift; 2654435761 as a signed
# 32-bit number. Products wrap around.
PRIMES = (1, 2654435761 - 2**32, 805459861)


class Network:
    """A network as its model file describes it."""

    def __init__(self, path):
        with safe_open(path, framework="pt") as file:
            self.architecture = json.loads(file.metadata()["spider.description"])["architecture"]
            self.parameters = {name: file.get_tensor(name).float() for name in file.keys()}
        self.features = self.architecture["featuresPerView"]
        (kind, sizes), = self.architecture["code"].items()
        self.code = HashCode(sizes, self.parameters) if kind == "hash" else FourierCode(sizes)

    def requires_grad(self):
        """Makes all parameters leaves of the graph and returns them."""
        for value in self.parameters.values():
            value.requires_grad_(True)
        return list(self.parameters.values())

    # ---- Encoder ----------------------------------------------------------------------------

    def encode(self, images):
        """Images (N, 1, H, W) to feature maps (N, F, H, W)."""
        depth = len(self.architecture["encoderWidths"])
        x, skips = images, []
        for level in range(depth):
            x = F.avg_pool2d(x, 2) if level else x
            x = self.block(f"encoder.down.{level}", x)
            skips.append(x)
        for level in reversed(range(depth - 1)):
            x = torch.cat([skips[level], F.interpolate(x, scale_factor=2, mode="nearest")], 1)
            x = self.block(f"encoder.up.{level}", x)
        p = self.parameters
        return F.conv2d(x, p["encoder.projection.weight"], p["encoder.projection.bias"])

    def block(self, name, x):
        for part in ("first", "second"):
            p = self.parameters
            x = F.conv2d(x, p[f"{name}.{part}.weight"], padding=1)
            groups = max(g for g in range(1, 9) if x.shape[1] % g == 0)
            x = F.group_norm(x, groups, p[f"{name}.{part}Norm.weight"], p[f"{name}.{part}Norm.bias"], 1e-5)
            x = F.relu(x)
        return x

    # ---- Decoder ----------------------------------------------------------------------------

    def decode(self, maps, points, pixels):
        """Answers for points (P, 3) that the views (V, F, H, W) see at pixels (V, P, 2): (P), (P, K)."""
        x = torch.cat(views(maps, pixels) + [self.code(points)], 1)
        return self.heads(x, first=0)

    def heads(self, x, first):
        """The MLP from hidden layer `first` on, then both heads."""
        p = self.parameters
        for layer in range(first, len(self.architecture["hiddenWidths"])):
            x = F.relu(F.linear(x, p[f"decoder.hidden.{layer}.weight"], p[f"decoder.hidden.{layer}.bias"]))
        intensity = F.linear(x, p["decoder.intensity.weight"], p["decoder.intensity.bias"])
        logits = F.linear(x, p["decoder.structure.weight"], p["decoder.structure.bias"])
        return intensity[:, 0], logits

    def hoist(self, maps):
        """The views' share of the first layer, applied once a pixel: (V, h, H, W)."""
        weight = self.parameters["decoder.hidden.0.weight"]
        parts = weight[:, : len(maps) * self.features].split(self.features, 1)
        return [F.conv2d(m[None], w[:, :, None, None])[0] for m, w in zip(maps, parts)]

    def decode_hoisted(self, hoisted, points, pixels):
        """As `decode`, from what `hoist` made."""
        p = self.parameters
        code_weight = p["decoder.hidden.0.weight"][:, len(hoisted) * self.features :]
        x = F.linear(self.code(points), code_weight, p["decoder.hidden.0.bias"])
        for sampled in views(hoisted, pixels):
            x = x + sampled
        return self.heads(F.relu(x), first=1)


def views(maps, pixels):
    """Pixel-aligned features: a (P, C) for each map (C, H, W) and pixels (P, 2), zero outside."""
    sampled = []
    for features, uv in zip(maps, pixels):
        h, w = features.shape[1:]
        grid = (uv * torch.tensor([2 / (w - 1), 2 / (h - 1)]) - 1)[None, None]
        values = F.grid_sample(features[None], grid, align_corners=True)
        sampled.append(values[0, :, 0].T)
    return sampled


class FourierCode:
    """Coordinates, and the sines and cosines of octaves of 2 pi times them."""

    def __init__(self, sizes):
        self.factors = 2 * math.pi * 2.0 ** torch.arange(sizes["octaves"])

    def __call__(self, points):
        angles = points[:, None, :] * self.factors[:, None]  # (P, O, 3)
        waves = torch.stack([torch.sin(angles), torch.cos(angles)], 2)  # (P, O, 2, 3)
        return torch.cat([points, waves.flatten(1)], 1)


class HashCode:
    """Multiresolution hash grid: the eight corners of a point's cell on each level, trilinearly."""

    def __init__(self, sizes, parameters):
        self.parameters = parameters
        self.levels, self.features = sizes["levels"], sizes["features"]
        self.size = 1 << sizes["tableBits"]
        growth = (sizes["finest"] / sizes["coarsest"]) ** (1 / max(1, self.levels - 1))
        self.resolutions = [math.floor(sizes["coarsest"] * growth**l + 0.5) for l in range(self.levels)]

    def __call__(self, points):
        rows, weights = [], []
        for level, resolution in enumerate(self.resolutions):
            place = (points + 0.5).clamp(0, 1) * resolution
            base = place.detach().floor().clamp(max=resolution - 1)
            part = place - base
            # What each axis (x, y, z) gives for its two neighbours: (P, 3, 2).
            near = base.int()
            index = torch.stack([near, near + 1], 2)
            share = torch.stack([1 - part, part], 2)
            side = resolution + 1
            dense = side**3 <= self.size
            steps = (1, side, side * side) if dense else PRIMES
            x, y, z = (index * torch.tensor(steps, dtype=torch.int32)[:, None]).unbind(1)
            x, y, z = x[:, None, None, :], y[:, None, :, None], z[:, :, None, None]
            row = x + y + z if dense else (x ^ y ^ z) & (self.size - 1)
            wx, wy, wz = share.unbind(1)
            weight = wx[:, None, None, :] * wy[:, None, :, None] * wz[:, :, None, None]
            rows.append((row + level * self.size).flatten(1))
            weights.append(weight.flatten(1))
        # One bag of eight rows for each point and level.
        table = self.parameters["code.table"].reshape(-1, self.features)
        bags = F.embedding_bag(
            torch.stack(rows, 1).flatten(0, 1), table, mode="sum",
            per_sample_weights=torch.stack(weights, 1).flatten(0, 1))
        return bags.reshape(len(points), -1)
