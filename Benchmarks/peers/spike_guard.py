"""The guard against steps whose loss or gradient jumps but stays finite, as SpiderTraining's `SpikeGuard`
(Sources/SpiderTraining/Records/SpikeGuard.swift says the rule and where it is from). Needs nothing."""

import math
from collections import deque
from statistics import median

WINDOW, FEWEST, MOST_IN_A_ROW, LEAST_SPREAD = 64, 16, 20, 0.2


class SpikeGuard:
    """Judges steps by the median and the spread of the logarithms of those that were made before."""

    def __init__(self, limit):
        self.limit, self.skipped, self.in_a_row = limit, 0, 0
        self.losses, self.norms = deque(maxlen=WINDOW), deque(maxlen=WINDOW)

    def is_spike(self, loss, norm):
        """Whether a step is to be skipped; otherwise it is one of those before from now on."""
        if self.limit <= 0:
            return False
        values = [math.log(max(value, 5e-324)) for value in (loss, norm)]
        if any(self.is_beyond(value, before) for value, before in zip(values, (self.losses, self.norms))):
            self.skipped += 1
            self.in_a_row += 1
            return True
        self.in_a_row = 0
        self.losses.append(values[0])
        self.norms.append(values[1])
        return False

    def is_beyond(self, value, before):
        if len(before) < FEWEST:
            return False
        middle = median(before)
        spread = 1.4826 * median(abs(other - middle) for other in before)
        return value > middle + self.limit * max(spread, LEAST_SPREAD)
