// The search in logs by itself.

import assert from "node:assert/strict";
import { test } from "node:test";
import { search } from "../logs.js";
import { LogSection } from "../protocol.js";

const stream = (text: string) => ({ output_type: "stream", name: "stdout", text });
const logs: LogSection[] = [
  { heading: "part[0]", cut: false, outputs: [stream("epoch 1\nloss 3\nepoch 2\nloss 2")] },
  {
    heading: "part[1]",
    cut: false,
    outputs: [
      stream("\u001b[31mEpo\u001b[0mch 9\n"),
      { output_type: "display_data", data: { "text/plain": "a plot\nof the loss", "image/png": "…" } },
      { output_type: "error", traceback: ["ValueError", "no such epoch"] },
    ],
  },
];

test("without a search all is there, and counted", () => {
  assert.deepEqual(search(logs, ""), { sections: logs, lines: 9, of: 9 });
  assert.deepEqual(search([], ""), { sections: [], lines: 0, of: 0 });
});

test("only the lines that say it are left, in whichever case and colour", () => {
  const { sections, lines, of } = search(logs, "EPOCH");
  assert.deepEqual([lines, of], [4, 9]);
  assert.deepEqual(sections[0].outputs, [stream("epoch 1\nepoch 2\n")]);
  assert.deepEqual(sections[1].outputs.map((output) => output.output_type), ["stream", "error"]);
});

test("what is one stream again, when what stood between is hidden, is one output", () => {
  const display = { output_type: "display_data", data: { "text/plain": "a plot" } };
  const cut: LogSection = { heading: "", cut: false, outputs: [stream("a 1\n"), display, stream("a 2\n")] };
  assert.deepEqual(search([cut], "a ").sections[0].outputs.length, 3);
  assert.deepEqual(search([cut], "A").sections[0].outputs.length, 3);
  const [{ outputs }] = search([{ ...cut, outputs: [stream("b 1\n"), display, stream("b 2\n")] }], "b").sections;
  assert.deepEqual(outputs, [stream("b 1\nb 2\n")]);
});

test("a display is left whole, and a task without any such line is left out", () => {
  const { sections, lines } = search(logs, "plot");
  assert.equal(lines, 1);
  assert.deepEqual(sections, [{ ...logs[1], outputs: [logs[1].outputs[1]] }]);
  assert.deepEqual(search(logs, "nowhere").sections, []);
});
