// What the page, the kernel and the server say to each other, and nothing else: no JupyterLab, no
// page. Python has the same in nbflow/magics/channel.py and nbflow/views/{drawn,panel}.py; the tests
// of both sides share one file of messages.

/** A text as it is, or words with what is put into them: ``["about %1 s", "40"]``. */
export type Text = string | [string, ...Text[]];

/** Names that pass from one card to another, which is named by its position. */
export interface Passed {
  text: string;
  names: string[];
  card: number;
}

export interface Card {
  kind: string;
  x: number;
  y: number;
  width: number;
  radius: number;
  name: string;
  label: string;
  reads: Passed[];
  gives: Passed[];
}

/** How a card stands; a new object whenever that has changed. */
export interface State {
  look: string;
  icon: string;
  word: string;
  /** What the card says of it, as far as it has room; a narrow one; and all of it. */
  detail: Text;
  brief: Text;
  story: Text;
  count: Text;
  done: number | null;
  /** Of one that runs: when it began, by the clock of whoever says so. And about how long it takes. */
  began: number | null;
  expected: Text;
  reasons: Text[];
  /** The first lines of what differs in the source. */
  differs: string[];
  /** What it gives: type, shape and size by name. */
  values: Record<string, string>;
  /** Of a group: how many of its steps have which status. */
  tally: Record<string, number>;
}

export interface Drawing {
  title: string;
  /** Whether arrows lead down, and cards are narrow. */
  down: boolean;
  width: number;
  height: number;
  statuses: string[];
  /** By a state's look, what a card of it is from far away. */
  spots: Record<string, string>;
  cards: Card[];
  arrows: unknown[];
  labels: unknown[];
}

export interface Problem {
  cell: string | null;
  line: number | null;
  severity: "error" | "warning";
  message: string;
  remedy: string;
}

/** By a card's position, as text. */
export type States = Record<string, State>;

export interface Flow {
  title: string;
  running: boolean;
  /** Whether another process runs it: a terminal, another kernel. */
  elsewhere: boolean;
  /** By the server: another text whenever anybody has written to the store. */
  stamp?: string;
  /** What the clock shows of whoever says this. */
  now: number;
  drawing: Drawing;
  /** The same from top to bottom; of very many cards there is none. */
  down: Drawing | null;
  states: States;
  /** By position: the id of the card's cell, of a group the heading's; null for the parameters. */
  cells: (string | null)[];
  /** The steps that have no card of their own, with the position of their group's. */
  grouped: Record<string, number>;
  problems: Problem[];
}

export type MimeBundle = Record<string, string>;

/** What one task put out, as nbformat has it. */
export interface LogSection {
  /** The task's name; of a step that is no foreach, nothing. */
  heading: string;
  outputs: Record<string, unknown>[];
  /** Whether it had put out more before. */
  cut: boolean;
}

/** What a step put out, unless that is what the stamp says which the page has. */
export interface Logs {
  stamp?: string;
  logs?: LogSection[];
}

/** All about one step. */
export interface Details {
  why?: MimeBundle;
  outputs?: MimeBundle;
  /** What its last tasks have displayed: tables, plots. */
  displayed?: LogSection[];
  /** What its values look like. */
  previews?: LogSection[];
  source?: MimeBundle;
  history?: MimeBundle;
  /** What stands in these in nbflow's own words, by how it reads there. */
  worded?: Record<string, Text>;
}

/** What became of a request: one of these, by what was asked. */
export type Answer = Details & Logs & {
  picture?: string;
  status?: string;
  said?: string;
  error?: string;
  remedy?: string;
};

/** A cell as it is on the screen. */
export interface DocumentCell {
  id: string;
  cell_type: string;
  source: string;
  tags: string[];
  nbflow: Record<string, unknown> | null;
  /** Of a heading: whether what is below it is folded away. */
  collapsed: boolean;
}

/** What the kernel can do with steps, all of them where none is named. */
export type Act = "run" | "verify" | "clear" | "accept";

export type Request =
  | { op: "hello" | "cancel" | "bye" }
  | { op: "cells"; path: string; cells: DocumentCell[] }
  | { op: "details"; id: string; cell: string }
  | { op: "previews"; id: string; cell: string }
  | { op: "logs"; id: string; cell: string; seen: string }
  | { op: "picture"; id: string }
  | { op: Act; id: string; cells: string[]; note: string };

export type Message =
  | { kind: "hello" }
  | { kind: "flow"; rev: number; flow: Flow }
  | { kind: "states"; rev: number; states: States; running: boolean }
  | { kind: "answer"; rev: number; id: string; answer: Answer };

export const TARGET = "nbflow";
export const REQUEST = "nbflow_request";

const KINDS: Record<string, string[]> = {
  hello: [],
  flow: ["rev", "flow"],
  states: ["rev", "states"],
  answer: ["rev", "id", "answer"],
};

/** The message in what came, or null: a kernel with another nbflow may say what nobody knows. */
export function read(data: unknown): Message | null {
  if (typeof data !== "object" || data === null) return null;
  const { kind } = data as { kind?: unknown };
  const needed = typeof kind === "string" && Object.hasOwn(KINDS, kind) ? KINDS[kind] : null;
  return needed?.every((name) => name in data) ? (data as Message) : null;
}

/** Whether a cell has anything to do with nbflow: a quick look, which may say yes too often. */
export function concerns(cell: DocumentCell): boolean {
  if (cell.cell_type !== "code") return false;
  return (
    cell.nbflow !== null ||
    cell.tags.some((tag) => /^(step|foreach|parameters|setup|injected-parameters)\b/.test(tag)) ||
    /nbflow|^\s*(%%|#\|\s*)(step|foreach|parameters|setup)\b/m.test(cell.source)
  );
}
