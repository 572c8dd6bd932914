// What makes a cell a step: its mark in each of the four spellings, found and rewritten as text. No
// JupyterLab, no page. What a mark means is Python's to say (nbflow/directives/marks.py).

import { DocumentCell } from "./protocol.js";

export type Kind = "step" | "foreach" | "parameters" | "setup";
export type Spelling = "magic" | "comment" | "tag" | "metadata";

/** The mark of a cell. */
export interface Mark {
  kind: Kind;
  spelling: Spelling;
  /** What stands behind the word: a name or a clause, with the options. */
  text: string;
  /** Where in the cell's source all of the mark stands; of a tag, where in the list of tags. */
  start: number;
  end: number;
}

/** What is to be another in a cell: a piece of its source, or its tags, or its ``nbflow`` metadata. */
export interface Edit {
  source?: { start: number; end: number; text: string };
  tags?: string[];
  nbflow?: Record<string, unknown> | null;
}

const KINDS = "step|foreach|parameters|setup";
const NAME_OF_FOREACH = /(^|\s)--name(?:=|\s+)\S+/;

/** The mark of a cell, the strongest of its spellings first; null for an ordinary cell. */
export function markOf(cell: DocumentCell): Mark | null {
  if (cell.cell_type !== "code") return null;
  return magic(cell.source) ?? comment(cell.source) ?? tag(cell.tags) ?? metadata(cell);
}

/** The spelling that a notebook uses for most of its marks. */
export function spellingOf(cells: DocumentCell[]): Spelling {
  const used: Record<Spelling, number> = { magic: 0, comment: 0, tag: 0, metadata: 0 };
  for (const cell of cells) {
    const mark = markOf(cell);
    // Papermill's own tag says nothing of how the author marks steps.
    if (mark !== null && !(mark.spelling === "tag" && mark.kind === "parameters")) used[mark.spelling]++;
  }
  return (Object.keys(used) as Spelling[]).reduce((most, one) => (used[one] > used[most] ? one : most));
}

/** Give a cell a mark, or another than it has; ``spelling`` for a cell that has none. */
export function marked(cell: DocumentCell, kind: Kind, text: string, spelling: Spelling): Edit {
  const mark = markOf(cell);
  const used = mark?.spelling ?? spelling;
  text = text.trim().replace(/\s*\n\s*/g, " ");
  if (used === "magic" || used === "comment") {
    const line = used === "magic" ? `%%${kind} ${text}`.trimEnd() : `#| ${kind}${text && `: ${text}`}`;
    if (mark !== null) return { source: { start: mark.start, end: mark.end, text: line } };
    // Above all else; but a comment above another cell magic would make that none.
    const start = used === "comment" && cell.source.startsWith("%%") ? lineEnd(cell.source, 0) : 0;
    return { source: { start, end: start, text: start > 0 ? `\n${line}` : `${line}\n` } };
  }
  const word = text ? `${kind}:${text}` : kind;
  // A comma cannot be in a tag: nbformat forbids it.
  if (used === "tag" && !text.includes(",")) {
    const { start, end } = mark ?? { start: cell.tags.length, end: cell.tags.length };
    return { tags: [...cell.tags.slice(0, start), word, ...cell.tags.slice(end)] };
  }
  const rest = unmarked(cell);
  return { ...rest, nbflow: { ...(rest.nbflow ?? withoutMark(cell)), [kind]: text || true } };
}

/** Make a cell an ordinary one. */
export function unmarked(cell: DocumentCell): Edit {
  const mark = markOf(cell);
  switch (mark?.spelling) {
    case "magic":
    case "comment": {
      const end = cell.source[mark.end] === "\n" ? mark.end + 1 : mark.end;
      return { source: { start: mark.start, end, text: "" } };
    }
    case "tag":
      return { tags: [...cell.tags.slice(0, mark.start), ...cell.tags.slice(mark.end)] };
    case "metadata":
      return { nbflow: withoutMark(cell) };
  }
  return {};
}

/** The text of a mark with another name in it; the options stay. */
export function renamed({ kind, text }: Pick<Mark, "kind" | "text">, name: string): string {
  if (kind === "foreach") {
    const rest = text.replace(NAME_OF_FOREACH, "").trim();
    return name ? `${rest} --name ${name}` : rest;
  }
  const rest = text.replace(/^(?!-)\S+\s*/, "");
  return [name, rest].filter(Boolean).join(" ");
}

function magic(source: string): Mark | null {
  // Blank lines and comments may stand above.
  const found = new RegExp(`^((?:[ \\t]*(?:#.*)?\\n)*)[ \\t]*%%(${KINDS})(?![\\w?]|[ \\t]*\\?)`).exec(source);
  if (found === null) return null;
  const texts: string[] = [];
  let end = found[0].length;
  for (;;) {
    const stop = lineEnd(source, end);
    const text = withoutNote(source.slice(end, stop));
    const goes = text.endsWith("\\") && stop < source.length;
    texts.push(text.replace(/\\$/, "").trim());
    end = goes ? stop + 1 : end + text.length;
    if (!goes) break;
  }
  const text = texts.join(" ").trim();
  return { kind: found[2] as Kind, spelling: "magic", text, start: found[1].length, end };
}

function comment(source: string): Mark | null {
  let start = 0;
  for (const [number, line] of source.split("\n").entries()) {
    const isOther = number === 0 && line.startsWith("%%");
    if (line.trim() && !line.trimStart().startsWith("#") && !isOther) break;
    const found = new RegExp(`^\\s*#\\|\\s*(${KINDS})\\s*(?::(.*))?$`, "i").exec(line);
    if (found !== null && !/^\s*false\s*$/i.test(found[2] ?? "")) {
      const kind = found[1].toLowerCase() as Kind;
      const text = bare(withoutNote(found[2] ?? ""));
      return { kind, spelling: "comment", text, start, end: start + withoutNote(line, 1).length };
    }
    start += line.length + 1;
  }
  return null;
}

function tag(tags: string[]): Mark | null {
  for (const [start, each] of tags.entries()) {
    const found = new RegExp(`^\\s*(${KINDS})\\s*(?::(.*))?$`).exec(each);
    if (found === null || /^\s*false\s*$/i.test(found[2] ?? "")) continue;
    const kind = found[1] as Kind;
    return { kind, spelling: "tag", text: bare(found[2] ?? ""), start, end: start + 1 };
  }
  return null;
}

function metadata({ nbflow }: DocumentCell): Mark | null {
  for (const kind of KINDS.split("|") as Kind[]) {
    const value = nbflow?.[kind];
    if (value === true || typeof value === "string") {
      const text = typeof value === "string" ? bare(value) : "";
      return { kind, spelling: "metadata", text, start: 0, end: 0 };
    }
  }
  return null;
}

function withoutMark({ nbflow }: DocumentCell): Record<string, unknown> | null {
  const rest = Object.entries(nbflow ?? {}).filter(([name]) => !KINDS.split("|").includes(name));
  return rest.length ? Object.fromEntries(rest) : null;
}

function bare(text: string): string {
  text = text.trim();
  return text.toLowerCase() === "true" ? "" : text;
}

function lineEnd(source: string, from: number): number {
  const end = source.indexOf("\n", from);
  return end < 0 ? source.length : end;
}

/** A line up to a ``# note`` that stands outside quotes; its first ``from`` characters are none. */
function withoutNote(line: string, from = 0): string {
  let quote = "";
  for (let at = 0; at < line.length; at++) {
    const letter = line[at];
    if (letter === "\\") at++;
    else if (quote) quote = letter === quote ? "" : quote;
    else if (letter === "'" || letter === '"') quote = letter;
    else if (letter === "#" && at >= from && (at === 0 || /\s/.test(line[at - 1]))) {
      // The comment that a mark is has a # of its own.
      if (line[at + 1] !== "|") return line.slice(0, at).trimEnd();
    }
  }
  return line.trimEnd();
}
