"""A chain of 22 steps, each adding one."""

from metaflow import FlowSpec, step


class ChainFlow(FlowSpec):
    @step
    def start(self):
        self.x = 0
        self.next(self.step_1)

    @step
    def step_1(self):
        self.x += 1
        self.next(self.step_2)

    @step
    def step_2(self):
        self.x += 1
        self.next(self.step_3)

    @step
    def step_3(self):
        self.x += 1
        self.next(self.step_4)

    @step
    def step_4(self):
        self.x += 1
        self.next(self.step_5)

    @step
    def step_5(self):
        self.x += 1
        self.next(self.step_6)

    @step
    def step_6(self):
        self.x += 1
        self.next(self.step_7)

    @step
    def step_7(self):
        self.x += 1
        self.next(self.step_8)

    @step
    def step_8(self):
        self.x += 1
        self.next(self.step_9)

    @step
    def step_9(self):
        self.x += 1
        self.next(self.step_10)

    @step
    def step_10(self):
        self.x += 1
        self.next(self.step_11)

    @step
    def step_11(self):
        self.x += 1
        self.next(self.step_12)

    @step
    def step_12(self):
        self.x += 1
        self.next(self.step_13)

    @step
    def step_13(self):
        self.x += 1
        self.next(self.step_14)

    @step
    def step_14(self):
        self.x += 1
        self.next(self.step_15)

    @step
    def step_15(self):
        self.x += 1
        self.next(self.step_16)

    @step
    def step_16(self):
        self.x += 1
        self.next(self.step_17)

    @step
    def step_17(self):
        self.x += 1
        self.next(self.step_18)

    @step
    def step_18(self):
        self.x += 1
        self.next(self.step_19)

    @step
    def step_19(self):
        self.x += 1
        self.next(self.step_20)

    @step
    def step_20(self):
        self.x += 1
        self.next(self.end)

    @step
    def end(self):
        self.x += 1
        assert self.x == 21


if __name__ == "__main__":
    ChainFlow()
