"""The SPIDER network of Sources/SpiderCore/Network in PyTorch, on parameters under the names of our model files.

It is the rival in the benchmarks, so it is written to be fast there: one `grid_sample` a view, one
`embedding_bag` for all levels of the hash code, an MLP on chunks of points. It is also what `train_torch.py`
trains and what the golden training step is made of, in single or double precision: that of the parameters.
Shape letters: B patients, V views, H rows, W columns, C channels, P points, F features, K classes. Images have one
channel, the X-ray, or of a network that reads any views four: the X-ray and the directions of its rays.
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
    """A network of the sizes that a description's `architecture` states."""

    def __init__(self, architecture, parameters):
        self.architecture, self.parameters = architecture, parameters
        self.features = architecture["featuresPerView"]
        self.concatenates = architecture["pooling"] == "concatenate"
        (kind, sizes), = architecture["code"].items()
        self.code = HashCode(sizes, parameters) if kind == "hash" else FourierCode(sizes)

    @classmethod
    def read(cls, path):
        """The network of a model file, with its weights."""
        with safe_open(path, framework="pt") as file:
            description = json.loads(file.metadata()["spider.description"])
            return cls(description["architecture"], {name: file.get_tensor(name).float() for name in file.keys()})

    def requires_grad(self):
        """Makes all parameters leaves of the graph and returns them."""
        for value in self.parameters.values():
            value.requires_grad_(True)
        return list(self.parameters.values())

    # ---- Encoder ----------------------------------------------------------------------------

    def encode(self, images):
        """Images (N, C, H, W) to feature maps (N, F, H, W)."""
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
        x = torch.cat([x, images[:, 1:]], 1)  # the rays once more, where there are any
        maps = F.conv2d(x, p["encoder.projection.weight"], p["encoder.projection.bias"])
        # The mean of a linear projection would know no more than that of the channels projected.
        return F.relu(maps) if self.architecture.get("anyViews") else maps

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
        x = torch.cat(self.pooled(views(maps, pixels)) + [self.code(points)], 1)
        return self.heads(x, first=0)

    def pooled(self, seen):
        """What views saw of points, (P, F) each, as the decoder reads it: all of them, or their mean."""
        return seen if self.concatenates else [torch.stack(seen).mean(0)]

    def answers(self, images, points, pixels):
        """Intensity (B, P) and logits (B, P, K) of a training batch: images (B V, C, H, W), points (B, P, 3)
        in the canonical frame, pixels (B, V, P, 2)."""
        b, v, p = pixels.shape[:3]
        maps = self.encode(images)
        seen = sampled(maps, pixels.flatten(0, 1)).unflatten(0, (b, v))  # (B, V, P, F)
        x = self.pooled([view.flatten(0, 1) for view in seen.unbind(1)]) + [self.code(points.flatten(0, 1))]
        intensity, logits = self.heads(torch.cat(x, 1), first=0)
        return intensity.reshape(b, p), logits.reshape(b, p, -1)

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
        weight = self.parameters["decoder.hidden.0.weight"][:, : self.view_inputs(len(maps))]
        parts = weight.split(self.features, 1) if self.concatenates else [weight / len(maps)] * len(maps)
        return [F.conv2d(m[None], w[:, :, None, None])[0] for m, w in zip(maps, parts)]

    def view_inputs(self, count):
        """How many of the decoder's inputs come from `count` views."""
        return self.features * (count if self.concatenates else 1)

    def decode_hoisted(self, hoisted, points, pixels):
        """As `decode`, from what `hoist` made."""
        p = self.parameters
        code_weight = p["decoder.hidden.0.weight"][:, self.view_inputs(len(hoisted)) :]
        x = F.linear(self.code(points), code_weight, p["decoder.hidden.0.bias"])
        for sampled in views(hoisted, pixels):
            x = x + sampled
        return self.heads(F.relu(x), first=1)


def views(maps, pixels):
    """Pixel-aligned features: a (P, C) for each map (C, H, W) and pixels (P, 2), zero outside."""
    return [sampled(features[None], uv[None])[0] for features, uv in zip(maps, pixels)]


def sampled(maps, pixels):
    """Bilinear values (N, P, C) of maps (N, C, H, W) at pixels (N, P, 2) of (column, row), zero outside."""
    h, w = maps.shape[2:]
    grid = pixels * pixels.new_tensor([2 / (w - 1), 2 / (h - 1)]) - 1
    return F.grid_sample(maps, grid[:, None], align_corners=True)[:, :, 0].mT


class FourierCode:
    """Coordinates, and the sines and cosines of octaves of 2 pi times them."""

    def __init__(self, sizes):
        self.octaves = sizes["octaves"]

    def __call__(self, points):
        factors = 2 * math.pi * 2.0 ** torch.arange(self.octaves, dtype=points.dtype, device=points.device)
        angles = points[:, None, :] * factors[:, None]  # (P, O, 3)
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
            x, y, z = (index * torch.tensor(steps, dtype=torch.int32, device=points.device)[:, None]).unbind(1)
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
