"""A foreach over integers, and a join."""

from metaflow import FlowSpec, Parameter, step


class SquaresFlow(FlowSpec):
    count = Parameter("count", default=200)

    @step
    def start(self):
        self.numbers = list(range(self.count))
        self.next(self.square, foreach="numbers")

    @step
    def square(self):
        self.squared = self.input**2
        self.next(self.join)

    @step
    def join(self, inputs):
        self.total = sum(split.squared for split in inputs)
        self.next(self.end)

    @step
    def end(self):
        print(self.total)


if __name__ == "__main__":
    SquaresFlow()
