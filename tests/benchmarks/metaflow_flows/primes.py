"""binder/primes.ipynb as a Metaflow flow."""

import math

import numpy as np
from metaflow import FlowSpec, Parameter, step


def is_prime(number):
    return number > 1 and all(number % d for d in range(2, math.isqrt(number) + 1))


class PrimesFlow(FlowSpec):
    cores = Parameter("cores", default=2)
    n = Parameter("n", default=200_000)

    @step
    def start(self):
        self.data = np.random.default_rng(0).integers(1, 5_000_000, self.n)
        self.next(self.share, self.odds)

    @step
    def share(self):
        self.chunks = np.array_split(self.data, self.cores)
        self.next(self.search, foreach="chunks")

    @step
    def search(self):
        self.primes = [number for number in self.input.tolist() if is_prime(number)]
        self.next(self.join_chunks)

    @step
    def join_chunks(self, inputs):
        self.found = sum((split.primes for split in inputs), [])
        self.next(self.join_branches)

    @step
    def odds(self):
        self.odd = self.data[self.data % 2 == 1]
        self.next(self.join_branches)

    @step
    def join_branches(self, inputs):
        self.found = inputs.join_chunks.found
        self.odd = inputs.odds.odd
        self.next(self.end)

    @step
    def end(self):
        print(len(self.found), len(self.odd))


if __name__ == "__main__":
    PrimesFlow()
