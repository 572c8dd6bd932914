// Marks cells, through the model that the notebook shares with all who edit it: one undo step each.

import { InputDialog } from "@jupyterlab/apputils";
import { TranslationBundle } from "@jupyterlab/translation";
import { Edit, Kind, marked, markOf, renamed, spellingOf, unmarked } from "./marking.js";
import { FlowSource } from "./source.js";

/** Make a cell one of a kind; a step or a foreach is asked its name or its clause. */
export async function mark(source: FlowSource, cell: string, kind: Kind, trans: TranslationBundle): Promise<void> {
  let text = "";
  if (kind === "step" || kind === "foreach") {
    const before = markOf(source.cell(cell)!);
    const answer = await ask(
      trans.__(kind === "step" ? "Make This Cell a Step" : "Make This Cell a Foreach"),
      kind === "step"
        ? trans.__("Name (left out: that of its first output)")
        : trans.__("For each of what (as in a comprehension, behind “for”)"),
      before?.kind === kind ? before.text : "",
      kind === "step" ? "load" : "chunk in chunks",
    );
    if (answer === null) return;
    text = answer;
  }
  const cells = source.cells();
  apply(source, cell, marked(source.cell(cell)!, kind, text, spellingOf(cells)));
}

/** Ask for another name of a step. */
export async function rename(source: FlowSource, cell: string, trans: TranslationBundle): Promise<void> {
  const before = markOf(source.cell(cell)!);
  if (before === null) return;
  const name = await ask(trans.__("Rename This Step"), trans.__("Name"), source.model.nameOf(cell), "load");
  if (name === null) return;
  apply(source, cell, marked(source.cell(cell)!, before.kind, renamed(before, name), before.spelling));
}

/** Ask for what stands behind a step's mark: name or clause, and options. */
export async function options(source: FlowSource, cell: string, trans: TranslationBundle): Promise<void> {
  const before = markOf(source.cell(cell)!);
  if (before === null) return;
  const label = trans.__("All behind “%1”, such as --after load --cpus 2", before.kind);
  const text = await ask(trans.__("Options of This Step"), label, before.text, "load --cpus 2");
  if (text === null) return;
  apply(source, cell, marked(source.cell(cell)!, before.kind, text, before.spelling));
}

/** Ask why a result may stay. */
export function reason(trans: TranslationBundle): Promise<string | null> {
  return ask(trans.__("Accept the Result"), trans.__("Why it may stay"), "", "only renamed");
}

/** Make a cell an ordinary one. */
export function unmark(source: FlowSource, cell: string): void {
  apply(source, cell, unmarked(source.cell(cell)!));
}

function apply(source: FlowSource, id: string, { source: piece, tags, nbflow }: Edit): void {
  const { sharedModel } = source.notebook.context.model;
  const cell = sharedModel.cells.find((each) => each.getId() === id);
  if (cell === undefined) return;
  // Typing right before or after is undone by itself.
  const history = (cell as { undoManager?: { stopCapturing(): void } | null }).undoManager;
  history?.stopCapturing();
  cell.transact(() => {
    if (piece) cell.updateSource(piece.start, piece.end, piece.text);
    if (tags) put("tags", tags.length ? tags : null);
    if (nbflow !== undefined) put("nbflow", nbflow);
  });
  history?.stopCapturing();

  function put(name: string, value: unknown): void {
    if (value === null) cell!.deleteMetadata(name);
    else cell!.setMetadata(name, value as any);
  }
}

async function ask(title: string, label: string, text: string, placeholder: string): Promise<string | null> {
  const { button, value } = await InputDialog.getText({ title, label, text, placeholder });
  return button.accept ? (value ?? "").trim() : null;
}
