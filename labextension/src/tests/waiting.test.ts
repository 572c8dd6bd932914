// The wait for a kernel's word by itself, on a clock that is put forward.

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { said, Word } from "../waiting.js";

class Kernel implements Word {
  asked: number[] = [];

  /** ``speaks``: when it says by itself that it has nbflow; ``answers``: from when on it does if asked. */
  constructor(
    private speaks: number,
    private answers: number,
  ) {}

  get isLive(): boolean {
    return Date.now() >= this.speaks || this.asked.some((moment) => moment >= this.answers);
  }

  async open(): Promise<void> {
    this.asked.push(Date.now());
  }
}

/** What comes of a wait, and how long it took. */
async function waited(kernel: Kernel): Promise<[boolean, number]> {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 0 });
  try {
    let result: boolean | null = null;
    void said(kernel).then((answer) => (result = answer));
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve)); // whatever can go on does
      if (result !== null) return [result, Date.now()];
      mock.timers.tick(50);
    }
  } finally {
    mock.timers.reset();
  }
}

test("a kernel that has spoken is not waited for", async () => {
  const kernel = new Kernel(0, Infinity);
  assert.deepEqual(await waited(kernel), [true, 0]);
  assert.deepEqual(kernel.asked, []);
});

test("one that is slow to speak is waited for, and not asked before a second has gone", async () => {
  const kernel = new Kernel(900, Infinity);
  assert.deepEqual(await waited(kernel), [true, 900]);
  assert.deepEqual(kernel.asked, []);
});

test("one whose word was missed is asked every second until it answers", async () => {
  const kernel = new Kernel(Infinity, 3000);
  assert.deepEqual(await waited(kernel), [true, 3000]);
  assert.deepEqual(kernel.asked, [1000, 2000, 3000]);
});

test("after fifteen seconds it is given up", async () => {
  assert.deepEqual(await waited(new Kernel(Infinity, Infinity)), [false, 15_000]);
  assert.deepEqual(await waited(new Kernel(14_200, Infinity)), [true, 14_200]);
});
