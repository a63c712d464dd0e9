#!/usr/bin/env python3
"""Prints the numbers that PerceptualLossTests expects: LPIPS of a small network by PyTorch, in double precision.

Weights and images are sines of their places, so that both sides make them alike. Needs torch.
"""

import torch
import torch.nn.functional as F

DEPTHS, WIDTHS, SIDE = [2, 2, 3, 3, 3], [4, 5, 6, 7, 8], 32


def numbers(count, step, phase):
    """float32(sin(step * place + phase)), as the test has them."""
    return torch.sin(step * torch.arange(count, dtype=torch.float64) + phase).float().double()


def weights():
    """Convolutions (weight, bias) in order, and each stage's weights of channels."""
    convolutions, channels = [], 3
    for width, depth in zip(WIDTHS, DEPTHS):
        for _ in range(depth):
            k = len(convolutions)
            weight = (numbers(width * channels * 9, 0.7, k) * (2 / (9 * channels)) ** 0.5).float().double()
            convolutions.append((weight.view(width, channels, 3, 3), (0.05 * numbers(width, 1.3, k)).float().double()))
            channels = width
    return convolutions, [numbers(width, 1, 1).abs() for width in WIDTHS]


def features(x, convolutions):
    shift = torch.tensor([-0.030, -0.088, -0.188], dtype=torch.float64).view(1, 3, 1, 1)
    scale = torch.tensor([0.458, 0.448, 0.450], dtype=torch.float64).view(1, 3, 1, 1)
    x, found, place = (x - shift) / scale, [], 0
    for depth in DEPTHS:
        if found:
            x = F.max_pool2d(x, 2, 2)
        for _ in range(depth):
            x = F.relu(F.conv2d(x, *convolutions[place], padding=1))
            place += 1
        found.append(x)
    return found


def main():
    convolutions, channels = weights()
    count = 2 * 3 * SIDE * SIDE
    made = (0.5 + 0.5 * numbers(count, 0.31, 0)).float().double().view(2, 3, SIDE, SIDE).requires_grad_()
    truth = (0.5 + 0.5 * numbers(count, 0.17, 1)).float().double().view(2, 3, SIDE, SIDE)
    loss = 0
    for a, b, w in zip(features(made, convolutions), features(truth, convolutions), channels):
        # The square root of a positive number has a gradient; pixels without features have none to give.
        a, b = (f / ((f * f).sum(1, keepdim=True).clamp(min=1e-30).sqrt() + 1e-10) for f in (a, b))
        loss = loss + ((a - b) ** 2 * w.view(1, -1, 1, 1)).sum(1).mean()
    loss.backward()
    gradient = made.grad.flatten()
    print("loss", repr(loss.item()))
    print("length of the gradient", repr(gradient.norm().item()))
    print("entries", [(place, repr(gradient[place].item())) for place in (0, 1000, 2222, 3100, 5555)])


if __name__ == "__main__":
    main()
