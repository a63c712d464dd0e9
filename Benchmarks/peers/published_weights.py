"""Weights of published networks under their published names, drawn where a network first asks for them."""

import torch


class Weights:
    """A state dict that grows: the network's code says names and shapes, once."""

    def __init__(self, seed, std=0.02):
        self.tensors, self.std = {}, std
        self.random = torch.Generator().manual_seed(seed)

    def normal(self, name, *shape, std=None):
        if name not in self.tensors:
            self.tensors[name] = torch.randn(*shape, generator=self.random) * (std or self.std)
        return self.tensors[name]

    def constant(self, name, size, value):
        if name not in self.tensors:
            self.tensors[name] = torch.full((size,), float(value))
        return self.tensors[name]

    def statistics(self, name, channels):
        """Running averages: part of the file, whether or not they are used."""
        return self.constant(f"{name}.running_mean", channels, 0), self.constant(f"{name}.running_var", channels, 1)
