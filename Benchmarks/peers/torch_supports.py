"""What some patients of a batch lie on in their X-rays, as Data/HeadSupport.swift makes it: the boards of a table, the
shell of a head-holder, foam. It is no part of the truth.

Shape letters: B patients, n voxels along a side.
"""

import torch

BODY, AIR = 0.5, 0.2
"""Relative to water: what counts as the head when its back is looked for, and the most that is filled."""


class HeadSupports:
    """The supports of a batch."""

    def __init__(self, count, share, device):
        def between(low, high, number=1):
            return low + (high - low) * torch.rand(count, number, 1, 1, 1, device=device)

        def happens(chance):
            return between(0, 1)[:, 0] < chance

        self.used = happens(share)
        # Up to three boards, one behind the other.
        thickness, apart = between(1, 15, 3), between(2, 20, 3)
        self.front = between(0, 12) + (thickness + apart).cumsum(1) - thickness - apart
        self.back = self.front + thickness
        self.half_width = between(60, 250, 3)
        there = torch.arange(3, device=device)[:, None, None, None] < 1 + (3 * between(0, 1)).floor()
        self.density = between(0.05, 1.2, 3) / (1 + thickness / 5) * there
        self.has_trough, self.has_foam = happens(0.5), happens(0.5)
        self.width, self.depth, self.shell, self.gap, self.trough_density = (
            between(*range_)[:, 0] for range_ in ((85, 125), (60, 130), (1, 6), (1, 20), (0.1, 1)))
        self.foam = between(0, 0.04)[:, 0] * self.has_foam
        self.top = between(60, 200)[:, 0]

    def add(self, attenuation, grid, water):
        """Attenuation (B, n, n, n) in 1/mm on a grid (n, n, n, 3) of places in mm, with the supports in its air."""
        x, y, z = grid.unbind(3)
        edge = grid[0, 1, 0, 1] - grid[0, 0, 0, 1]
        head = attenuation > BODY * water
        rear = torch.where(head, y, torch.inf).flatten(1).amin(1)[:, None, None, None]
        behind = rear - y
        density = self.densities(x, behind, z, edge)
        filled = self.used & torch.isfinite(rear) & (attenuation < AIR * water)
        return attenuation + torch.where(filled, density * water, 0)

    def densities(self, x, behind, z, edge):
        """Density relative to water (B, n, n, n); what is thinner than a voxel weighs less in it."""
        board = 0
        for number in range(3):
            front, back, half_width, density = (
                v[:, number] for v in (self.front, self.back, self.half_width, self.density))
            overlap = torch.minimum(back, behind + edge / 2) - torch.maximum(front, behind - edge / 2)
            board = board + density * (overlap / edge).clamp(min=0) * (x.abs() < half_width)
        padded = torch.maximum(board, self.foam)
        flat = torch.where((behind > -60) & (behind < 40), padded, board)
        # A trough of a half ellipse, behind its upper edge.
        deep = 1 + (behind - self.gap) / self.depth
        radius = ((x / self.width) ** 2 + deep**2).sqrt()
        shell = torch.maximum(board, self.trough_density * (self.shell / edge).clamp(max=1))
        in_shell = radius < 1 + torch.maximum(self.shell, edge) / self.depth
        trough = torch.where(radius < 1, padded, torch.where(in_shell, shell, board))
        trough = torch.where(deep > 0.2, trough, board)
        return torch.where(z < self.top, torch.where(self.has_trough, trough, flat), 0)
