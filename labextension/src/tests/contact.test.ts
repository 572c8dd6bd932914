// What a page believes of a kernel, when answers are late, lost, doubled or of another one.

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Contact, Hello } from "../contact.js";

const PATIENCE = 6000;

/** A page's contact with kernels that answer when the test wants them to. */
class Kernels {
  /** How many times the page was told that something has changed. */
  changes = 0;
  private questions: ((hello: Hello | null) => void)[] = [];
  readonly contact = new Contact(
    () => new Promise((resolve) => this.questions.push(resolve)),
    () => this.changes++,
    PATIENCE,
  );

  get asked(): number {
    return this.questions.length;
  }

  /** Answer one of the page's questions, by its number. */
  async answer(question: number, comm: string | null, rev = 0): Promise<void> {
    this.questions[question](comm === null ? null : { comm, rev });
    await settled();
  }

  async wait(): Promise<void> {
    mock.timers.tick(PATIENCE);
    await settled();
  }
}

/** Whatever can go on does. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

function story(name: string, tell: (kernels: Kernels) => Promise<void>): void {
  test(name, async () => {
    mock.timers.enable({ apis: ["setTimeout"] });
    try {
      await tell(new Kernels());
    } finally {
      mock.timers.reset();
    }
  });
}

story("a kernel that answers is there", async (kernels) => {
  void kernels.contact.open();
  await kernels.answer(0, "a");
  assert.equal(kernels.contact.comm, "a");
  await kernels.wait(); // nothing more comes of it
  assert.deepEqual([kernels.contact.comm, kernels.changes], ["a", 1]);
});

story("one that is too slow is there once it does answer, however late", async (kernels) => {
  void kernels.contact.open();
  await kernels.wait();
  assert.equal(kernels.contact.comm, null);
  await kernels.answer(0, "a");
  assert.equal(kernels.contact.comm, "a");
});

story("what a kernel answers before it goes is not taken for the next one's", async (kernels) => {
  void kernels.contact.open();
  kernels.contact.gone();
  await kernels.answer(0, "old");
  assert.equal(kernels.contact.comm, null);
  void kernels.contact.open();
  void kernels.contact.open();
  await kernels.answer(2, "new");
  await kernels.answer(1, "old");
  assert.equal(kernels.contact.comm, "new");
});

story("a kernel that tells of itself while it is asked is not lost with the question", async (kernels) => {
  void kernels.contact.open();
  kernels.contact.found("a");
  await kernels.wait();
  await kernels.answer(0, null);
  assert.deepEqual([kernels.contact.comm, kernels.changes], ["a", 1]);
});

story("after a connection that broke the same kernel is told all anew", async (kernels) => {
  kernels.contact.found("a");
  kernels.contact.gone();
  void kernels.contact.open();
  await kernels.answer(0, "a");
  assert.deepEqual([kernels.contact.comm, kernels.changes], ["a", 3]);
});

story("a look at a kernel that is there still changes nothing", async (kernels) => {
  kernels.contact.found("a");
  const rev = kernels.contact.check();
  await kernels.answer(0, "a", 7);
  assert.equal(await rev, 7);
  assert.deepEqual([kernels.contact.comm, kernels.changes], ["a", 1]);
});

story("a look finds out that it is another one", async (kernels) => {
  kernels.contact.found("a");
  void kernels.contact.check();
  await kernels.answer(0, "b");
  assert.deepEqual([kernels.contact.comm, kernels.changes], ["b", 2]);
});

story("a kernel may miss one look, and has gone if it misses all", async (kernels) => {
  kernels.contact.found("a");
  void kernels.contact.check();
  await kernels.wait();
  assert.deepEqual([kernels.contact.comm, kernels.asked], ["a", 1]);
  void kernels.contact.check();
  await kernels.answer(1, "a");
  void kernels.contact.check();
  await kernels.wait();
  void kernels.contact.check();
  await kernels.wait();
  assert.deepEqual([kernels.contact.comm, kernels.asked], ["a", 5]); // asked once more
  await kernels.wait();
  assert.equal(kernels.contact.comm, null);
  await kernels.answer(4, "a"); // it was only busy
  assert.equal(kernels.contact.comm, "a");
});
