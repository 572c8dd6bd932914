// The model and the protocol by themselves, fed with what Python says (messages.json).

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { FlowModel } from "../model.js";
import { concerns, DocumentCell, Flow, Message, read } from "../protocol.js";
import { worded } from "../widget.js";

const said: Message[] = JSON.parse(
  readFileSync(new URL("../../src/tests/messages.json", import.meta.url), "utf-8"),
);
const [first, running, edited] = said as (Message & { flow: Flow })[];

function heard(model: FlowModel): string[] {
  const events: string[] = [];
  for (const what of ["drawing", "states", "problems", "link", "running"])
    model.on(`change:${what}`, () => events.push(what));
  return events;
}

/** In English. */
const plain = (words: string, ...values: string[]) => words.replace(/%(\d)/g, (_, at) => values[at - 1]);

function copy<Of>(value: Of): Of {
  return JSON.parse(JSON.stringify(value));
}

test("every message of Python's is understood, and nothing else is", () => {
  for (const message of said) assert.equal(read(message), message);
  for (const data of [null, 3, {}, { kind: "flow" }, { kind: "constructor" }, { kind: "new", rev: 1 }])
    assert.equal(read(data), null);
});

test("a whole flow is shown: cards, how they stand, what is wrong", () => {
  const model = new FlowModel();
  const events = heard(model);
  model.apply(first);
  assert.deepEqual(events, ["drawing", "states", "problems"]);
  assert.deepEqual(model.cells.map((cell) => model.nameOf(cell)), ["load", "train"]);
  assert.equal(model.stateOf(model.cells[0])?.word, "new");
  assert.equal(model.stateOf("no cell"), null);
});

test("what has not changed is not drawn again", () => {
  const model = new FlowModel();
  model.apply(first);
  const drawing = model.get("drawing");
  const events = heard(model);
  model.apply({ ...copy(first), rev: 100 } as Message);
  assert.deepEqual(events, []);
  assert.equal(model.get("drawing"), drawing);
});

test("a change of some states leaves the others the very objects they were", () => {
  const model = new FlowModel();
  model.apply(first);
  const [load, train] = model.cells;
  const before = model.stateOf(train);
  const events = heard(model);
  model.apply(running);
  assert.equal(model.stateOf(load)?.word, "running");
  assert.equal(model.stateOf(train), before);
  assert.equal(model.running, true);
  assert.deepEqual(events, ["states", "running"]);
});

test("a step that runs says since when, by the clock of whoever says it", () => {
  const model = new FlowModel();
  model.apply(first);
  model.apply(running);
  const { began, expected } = model.stateOf(model.cells[0])!;
  const now = Date.now() / 1000 - (model.get("ahead") as number);
  assert.equal(Math.round(now - began!), 10);
  assert.equal(expected, "about 40 s");
  assert.equal(model.stateOf(model.cells[1])!.began, null);
});

test("that another process runs the flow is said when it begins and when it ends", () => {
  const model = new FlowModel();
  model.show(first.flow);
  const events = heard(model);
  model.show({ ...copy(first.flow), elsewhere: true });
  assert.equal(model.elsewhere, true);
  model.show(copy(first.flow));
  assert.deepEqual(events, ["running", "running"]);
});

test("a step that was edited while it runs says that it is the older text", () => {
  const model = new FlowModel();
  model.apply(said.find((told) => told.kind === "flow" && told.flow.running)!);
  const [load, train] = model.cells.map((cell) => model.stateOf(cell)!);
  assert.equal(model.running, true);
  assert.deepEqual([load.word, worded(load.detail, plain)], ["running", "older text"]);
  assert.deepEqual([train.word, worded(train.detail, plain)], ["queued", "older input"]);
  assert.deepEqual(load.differs.slice(1), ["-data = [1]", "+data = [2]"]);
  const [gone] = model.problems;
  assert.deepEqual([gone.cell, gone.severity], [null, "warning"]);
});

test("what comes late or twice is left out, until the kernel begins anew", () => {
  const model = new FlowModel();
  model.apply(first);
  model.apply(running);
  model.apply(first);
  assert.equal(model.running, true);
  model.restart();
  model.apply(first);
  assert.equal(model.running, false);
});

test("problems are found by their cell", () => {
  const model = new FlowModel();
  model.apply(edited);
  const [problem] = model.problems;
  assert.equal(problem.severity, "error");
  assert.deepEqual(model.problemsOf(problem.cell!), [problem]);
  assert.equal(model.stateOf(problem.cell!)?.word, "blocked");
});

test("steps under a heading that is folded away have its card", () => {
  const model = new FlowModel();
  model.apply(said.find((told) => told.kind === "flow" && Object.keys(told.flow.grouped).length > 0)!);
  assert.equal(model.isGroup("head"), true);
  assert.equal(model.nameOf("head"), "Data");
  assert.deepEqual(model.stateOf("head")!.tally, { new: 2 });
  const grouped = model.stepsOf("head");
  assert.equal(grouped.length, 2);
  for (const cell of grouped) {
    assert.equal(model.cellAt(model.positionOf(cell)!), "head");
    assert.equal(model.stateOf(cell), model.stateOf("head"));
  }
  const [train] = model.cells.filter((cell) => !grouped.includes(cell));
  assert.equal(model.isGroup(train), false);
  assert.deepEqual(model.stepsOf(train), [train]);
});

test("a question is answered once, and the end of a kernel answers those that wait", async () => {
  const model = new FlowModel();
  const [id, answer] = model.ask(60_000);
  model.apply({ kind: "answer", rev: 1, id: "another", answer: {} });
  model.apply({ kind: "answer", rev: 2, id, answer: { status: "completed" } });
  assert.deepEqual(await answer, { status: "completed" });
  const logs = said.flatMap((told) => (told.kind === "answer" && told.answer.logs) || []);
  assert.deepEqual(
    logs.map(({ heading, outputs, cut }) => [heading, outputs.length, cut]),
    [["parts[3]", 1, false]],
  );
  const [, never] = model.ask(60_000);
  model.restart();
  assert.match((await never).error!, /kernel/);
  const [, late] = model.ask(1);
  assert.match((await late).error!, /answer/);
});

test("the graph leads down where it is larger that way", () => {
  const model = new FlowModel();
  model.apply(first);
  const { drawing } = first.flow;
  const down = first.flow.down!;
  model.fitInto(drawing.width, drawing.height);
  assert.deepEqual(model.get("drawing"), drawing);
  model.fitInto(down.width, down.height);
  assert.deepEqual(model.get("drawing"), down);
});

test("only a cell that says something of nbflow concerns it", () => {
  const cell = (source: string, more: Partial<DocumentCell> = {}): DocumentCell => ({
    id: "1",
    cell_type: "code",
    source,
    tags: [],
    nbflow: null,
    collapsed: false,
    ...more,
  });
  for (const source of ["%%step load", "import x\n#| foreach: y in x", "%load_ext nbflow", " %%setup"])
    assert.ok(concerns(cell(source)), source);
  assert.ok(concerns(cell("x = 1", { tags: ["step:load"] })));
  assert.ok(concerns(cell("x = 1", { nbflow: {} })));
  for (const source of ["x = 1", "%%time\nx", "# a step: load", "stepping = 1"])
    assert.ok(!concerns(cell(source)), source);
  assert.ok(!concerns(cell("%%step load", { cell_type: "markdown" })));
});
