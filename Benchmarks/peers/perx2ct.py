"""PerX2CT (Kyung et al., ICASSP 2023) in PyTorch, written from a description of its layers, for timing and
as a reference. It works in the precision of its weights and images.

The X-rays are encoded once for a volume (the published code encodes them again for every slice).
"""

import math

import torch
import torch.nn.functional as F

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
ENCODER = "encoder.network_fn.cond_encoder.model"


class PerX2CT:
    def __init__(self, weights, width=128, size=128, encoder_width=64):
        self.w, self.width, self.size, self.encoder_width = weights, width, size, encoder_width

    def conv(self, x, name, channels, kernel=3, stride=1, bias=True, padding=None):
        inputs = x.shape[1]
        weight = self.w.normal(f"{name}.weight", channels, inputs, kernel, kernel, std=(2 / (inputs * kernel**2)) ** 0.5)
        offset = self.w.constant(f"{name}.bias", channels, 0) if bias else None
        return F.conv2d(x, weight, offset, stride, kernel // 2 if padding is None else padding)

    def batch_norm(self, x, name, scale=1):
        mean, variance = self.w.statistics(name, x.shape[1])
        scale = self.w.constant(f"{name}.weight", x.shape[1], scale)
        shift = self.w.constant(f"{name}.bias", x.shape[1], 0)
        return F.batch_norm(x, mean, variance, scale, shift)

    def bottleneck(self, x, name, width, stride):
        y = F.relu(self.batch_norm(self.conv(x, f"{name}.conv1", width, 1, bias=False), f"{name}.bn1"))
        y = F.relu(self.batch_norm(self.conv(y, f"{name}.conv2", width, 3, stride, bias=False), f"{name}.bn2"))
        y = self.batch_norm(self.conv(y, f"{name}.conv3", 4 * width, 1, bias=False), f"{name}.bn3", 0.2)
        if x.shape[1] != 4 * width or stride > 1:
            x = self.conv(x, f"{name}.downsample.0", 4 * width, 1, stride, bias=False)
            x = self.batch_norm(x, f"{name}.downsample.1")
        return F.relu(x + y)

    def encode(self, image):
        shape = (1, 3, 1, 1)
        x = (image.expand(-1, 3, -1, -1) - torch.tensor(MEAN).view(shape)) / torch.tensor(DEVIATION).view(shape)
        x = F.relu(self.batch_norm(self.conv(x, f"{ENCODER}.conv1", self.encoder_width, 7, 2, bias=False), f"{ENCODER}.bn1"))
        x = F.max_pool2d(x, 3, 2, 1)
        for group, (width, blocks) in enumerate(((self.encoder_width, 3), (2 * self.encoder_width, 4))):
            for block in range(blocks):
                stride = 2 if group == 1 and block == 0 else 1
                x = self.bottleneck(x, f"{ENCODER}.layer{group + 1}.{block}", width, stride)
        return x

    def points(self, axis, index):
        """The coordinates (D, H, W) of a slice's points, three maps."""
        n, count = self.size, self.size // 4
        along = (torch.arange(count) * 4 + 1.5 - (n - 1) / 2).double() / n
        rows, columns = torch.meshgrid(along, along, indexing="ij")
        across = torch.full_like(rows, (index - (n - 1) / 2) / n)
        return {"axial": (across, rows, columns), "coronal": (rows, across, columns), "sagittal": (rows, columns, across)}[axis]

    def grids(self, axis, index):
        """Where both cameras see the points of a slice: (rows, columns, 2), (column, row) from -1 to 1."""
        d, h, w = self.points(axis, index)
        t, e = math.tan(math.pi / 6), 1e-5
        depth = (1 - h - e * d) * t
        return (
            torch.stack([-w / depth, (d - e * h) / depth], -1),
            torch.stack([d / ((1 - w) * t), -h / ((1 - w) * t)], -1))

    def map(self, index, pa, lateral, axis="axial"):
        """What a slice is decoded from: positional code, then what both views show of its points."""
        x = torch.stack(self.points(axis, index))
        code = [x]
        for octave in range(10):
            code += [torch.sin(2**octave * x), torch.cos(2**octave * x)]
        sampled = [
            F.grid_sample(f, g[None].to(f.dtype), "bilinear", "zeros", align_corners=True)[0]
            for f, g in zip((pa, lateral), self.grids(axis, index))]
        return torch.cat([part.to(pa.dtype) for part in code + sampled])[None]

    def norm(self, x, name, swish=True):
        y = F.group_norm(
            x, 32, self.w.constant(f"{name}.weight", x.shape[1], 1), self.w.constant(f"{name}.bias", x.shape[1], 0), 1e-6)
        return F.silu(y) if swish else y

    def residual(self, x, name, channels):
        y = self.conv(self.norm(x, f"{name}.norm1"), f"{name}.conv1", channels)
        y = self.conv(self.norm(y, f"{name}.norm2"), f"{name}.conv2", channels)
        return (x if x.shape[1] == channels else self.conv(x, f"{name}.nin_shortcut", channels, 1)) + y

    def attention(self, x, name):
        y = self.norm(x, f"{name}.norm", swish=False)
        q, k, v = (self.conv(y, f"{name}.{part}", x.shape[1], 1).flatten(2) for part in "qkv")
        weights = torch.softmax(q.transpose(1, 2) @ k / math.sqrt(x.shape[1]), 2)
        return x + self.conv((v @ weights.transpose(1, 2)).view_as(x), f"{name}.proj_out", x.shape[1], 1)

    def decode(self, x):
        widest = 4 * self.width
        x = self.residual(self.conv(x, "decoder.conv_in", widest), "decoder.mid.block_1", widest)
        x = self.residual(self.attention(x, "decoder.mid.attn_1"), "decoder.mid.block_2", widest)
        for level in (2, 1, 0):
            for block in range(3):
                x = self.residual(x, f"decoder.up.{level}.block.{block}", self.width << level)
                if level == 2:
                    x = self.attention(x, f"decoder.up.2.attn.{block}")
            if level:
                x = F.interpolate(x, scale_factor=2.0)
                x = self.conv(x, f"decoder.up.{level}.upsample.conv", x.shape[1])
        return self.conv(self.norm(x, "decoder.norm_out"), "decoder.conv_out", 3)

    def volume(self, pa, lateral, slices, at_once=1):
        """Axial slices (n, S, S): the second channel, as published."""
        features = self.encode(pa), self.encode(lateral)
        made = []
        for first in range(0, len(slices), at_once):
            maps = torch.cat([self.map(i, *features) for i in slices[first:first + at_once]])
            made.append(self.decode(maps)[:, 1])
        return torch.cat(made)
