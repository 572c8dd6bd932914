// Marks found, given, changed and taken away, in each spelling.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Edit, marked, markOf, renamed, spellingOf, unmarked } from "../marking.js";
import { DocumentCell } from "../protocol.js";

function cell(source: string, tags: string[] = [], nbflow: DocumentCell["nbflow"] = null): DocumentCell {
  return { id: "a", cell_type: "code", source, tags, nbflow, collapsed: false };
}

/** The cell as it is after an edit. */
function edited(before: DocumentCell, { source, tags, nbflow }: Edit): DocumentCell {
  return {
    ...before,
    source: source
      ? before.source.slice(0, source.start) + source.text + before.source.slice(source.end)
      : before.source,
    tags: tags ?? before.tags,
    nbflow: nbflow === undefined ? before.nbflow : nbflow,
  };
}

const MARKS: [DocumentCell, string, string, string][] = [
  [cell("%%step load\nx = 1"), "step", "magic", "load"],
  [cell("%%step load --retry 2  # a note\nx = 1"), "step", "magic", "load --retry 2"],
  [cell("# why\n\n%%foreach k, v in d.items()\nx = k"), "foreach", "magic", "k, v in d.items()"],
  [cell("%%foreach x in [1,\\\n  2] --name y\nz = x"), "foreach", "magic", "x in [1, 2] --name y"],
  [cell('%%foreach x in "#a" # b\nz = x'), "foreach", "magic", 'x in "#a"'],
  [cell("%%setup"), "setup", "magic", ""],
  [cell("#| step: load\nx = 1"), "step", "comment", "load"],
  [cell("%%time\n#| step: load # note\nx = 1"), "step", "comment", "load"],
  [cell("#| parameters\nn = 1"), "parameters", "comment", ""],
  [cell("x = 1", ["hide", "step:load"]), "step", "tag", "load"],
  [cell("x = 1", ["parameters"]), "parameters", "tag", ""],
  [cell("x = 1", [], { step: true, retry: 2 }), "step", "metadata", ""],
];

test("a mark is found in each spelling", () => {
  for (const [one, kind, spelling, text] of MARKS) {
    const mark = markOf(one)!;
    assert.deepEqual([mark?.kind, mark?.spelling, mark?.text], [kind, spelling, text], one.source);
  }
});

test("what looks like a mark is none", () => {
  for (const source of ["x = 1", "%%step? ", "%%steps\nx", "x = 1\n%%step a", "%%time\nx", "x = '#| step: a'"])
    assert.equal(markOf(cell(source)), null, source);
  assert.equal(markOf(cell("x", ["stepping", "step:false"])), null);
  assert.equal(markOf({ ...cell("%%step a"), cell_type: "markdown" }), null);
});

test("a mark that is given is the mark that is found, whatever the cell had", () => {
  for (const spelling of ["magic", "comment", "tag", "metadata"] as const)
    for (const before of [cell("x = 1"), cell("%%time\nx = 1"), ...MARKS.map(([one]) => one)])
      for (const text of ["load", "load --in a,b"]) {
        const after = edited(before, marked(before, "step", text, spelling));
        const mark = markOf(after)!;
        assert.deepEqual([mark.kind, mark.text], ["step", text], JSON.stringify(after));
        assert.equal(markOf(edited(after, unmarked(after))), null, JSON.stringify(after));
      }
});

test("a cell that is marked and unmarked again is as it was", () => {
  for (const before of [cell("x = 1"), cell("# a\nx = 1", ["hide"], { retry: 2 })])
    for (const spelling of ["magic", "comment", "tag", "metadata"] as const) {
      const after = edited(before, marked(before, "foreach", "x in xs", spelling));
      assert.deepEqual(edited(after, unmarked(after)), before);
    }
});

test("another mark leaves notes and the rest of the cell", () => {
  const before = cell("# why\n%%step load --retry 2  # a note\nx = 1");
  const after = edited(before, marked(before, "step", "read", "tag"));
  assert.equal(after.source, "# why\n%%step read  # a note\nx = 1");
});

test("a comment is put below another cell magic, which would be none below it", () => {
  const before = cell("%%time\nx = 1");
  assert.equal(edited(before, marked(before, "step", "a", "comment")).source, "%%time\n#| step: a\nx = 1");
});

test("another name leaves the options", () => {
  assert.equal(renamed({ kind: "step", text: "load --retry 2" }, "read"), "read --retry 2");
  assert.equal(renamed({ kind: "step", text: "--retry 2" }, "read"), "read --retry 2");
  assert.equal(renamed({ kind: "step", text: "load" }, ""), "");
  assert.equal(renamed({ kind: "foreach", text: "x in xs --cpus 2" }, "each"), "x in xs --cpus 2 --name each");
  assert.equal(renamed({ kind: "foreach", text: "x in xs --name a --cpus 2" }, "b"), "x in xs --cpus 2 --name b");
});

test("a notebook's spelling is that of most of its marks", () => {
  assert.equal(spellingOf([cell("x = 1")]), "magic");
  assert.equal(spellingOf([cell("#| step: a"), cell("#| step: b"), cell("%%setup")]), "comment");
  assert.equal(spellingOf([cell("n = 1", ["parameters"]), cell("%%step a")]), "magic");
});
