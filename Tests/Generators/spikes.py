#!/usr/bin/env python3
"""Makes Tests/SpiderTrainingTests/Resources/spikes.json: losses and lengths of gradients of runs that were made up, and
the steps that the guard of the PyTorch twin (Benchmarks/peers/spike_guard.py) skips. SpikeGuardTests.swift holds the
Swift trainer's guard to them, Benchmarks/peers/check_twin.py the twin's. Needs nothing but Python.

    python3 Tests/Generators/spikes.py
"""

import json
import math
import random
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Benchmarks/peers"))

from spike_guard import SpikeGuard  # noqa: E402


def made_up(seed, limit, spread, jumps):
    """A run of 160 steps whose loss falls, with jumps {step: (factor of the loss, of the gradient)}."""
    numbers = random.Random(seed)
    losses, norms = [], []
    for step in range(160):
        base = 0.2 + 2 * math.exp(-step / 30)
        factors = jumps.get(step, (1, 1))
        losses.append(factors[0] * base * math.exp(numbers.gauss(0, spread)))
        norms.append(factors[1] * 3 * base * math.exp(numbers.gauss(0, 3 * spread)))
    guard = SpikeGuard(limit)
    skipped = [step for step in range(160) if guard.is_spike(losses[step], norms[step])]
    return {"limit": limit, "losses": losses, "norms": norms, "skipped": skipped}


def main():
    jumps = {5: (1e3, 1), 40: (30, 1), 41: (1e6, 1e9), 80: (1, 1e5), 81: (2, 2), 120: (8, 1), 121: (5, 1)}
    runs = [made_up(1, 10, 0.05, jumps), made_up(2, 3, 0.1, jumps), made_up(3, 10, 0.4, jumps), made_up(4, 0, 0.1, jumps)]
    path = ROOT / "Tests/SpiderTrainingTests/Resources/spikes.json"
    path.write_text(json.dumps(runs, indent=1) + "\n")
    print(*(run["skipped"] for run in runs), sep="\n")


if __name__ == "__main__":
    main()
