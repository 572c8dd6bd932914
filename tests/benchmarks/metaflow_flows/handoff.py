"""400 MB of random floats, produced by one step and read by the next."""

import numpy as np
from metaflow import FlowSpec, step


class HandoffFlow(FlowSpec):
    @step
    def start(self):
        self.data = np.random.default_rng(0).random(50_000_000)
        self.next(self.end)

    @step
    def end(self):
        print(self.data.sum())


if __name__ == "__main__":
    HandoffFlow()
