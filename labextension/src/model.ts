// The flow of one notebook as the page knows it: no JupyterLab, no page.

import { Answer, Drawing, Flow, Message, Problem, State, States } from "./protocol.js";

/** Where what is shown comes from.

    ``asking``: nobody has answered yet. ``saved``: the server, which looks up what a run would find.
    ``live``: the kernel. ``lost``: nobody answers any more. */
export type Link = "asking" | "saved" | "live" | "lost";

/** Says a text of the page's own in its user's language, with its values in the place of ``%1``, … */
export type Say = (text: string, ...values: string[]) => string;

export type Change = "drawing" | "states" | "problems" | "link" | "running" | "said";

/** One notebook's flow. Whoever draws it asks ``get`` and listens with ``on``. */
export class FlowModel {
  private flow: Flow | null = null;
  private positions = new Map<string, number>();
  private revision = 0;
  private listeners = new Map<string, Set<() => void>>();
  private waiting = new Map<string, (answer: Answer) => void>();
  private asked = 0;
  private linked: Link = "asking";
  private told = "";
  private wrong = false;
  private leadsDown = false;
  /** By how many seconds this page's clock is ahead of theirs who say when a step began. */
  private ahead = 0;

  constructor(private own: Say = (text) => text) {}

  on(event: string, act: () => void): void {
    if (!this.listeners.has(event)) this.listeners.set(event, new Set());
    this.listeners.get(event)!.add(act);
  }

  off(event: string, act: () => void): void {
    this.listeners.get(event)?.delete(act);
  }

  /** What the graph's view asks for. */
  get(name: string): unknown {
    if (name === "ahead") return this.ahead;
    if (name === "drawing") return (this.leadsDown && this.flow?.down) || this.flow?.drawing;
    return this.flow?.states;
  }

  /** Let arrows lead down where that shows the graph larger in a place of this size. */
  fitInto(width: number, height: number): void {
    if (this.flow === null || width <= 0 || height <= 0) return;
    const zoom = (drawn: Drawing) => Math.min(1, width / drawn.width, height / drawn.height);
    const down = this.flow.down !== null && zoom(this.flow.down) > 1.1 * zoom(this.flow.drawing);
    if (down === this.leadsDown) return;
    this.leadsDown = down;
    this.changed("drawing");
  }

  get isEmpty(): boolean {
    return this.flow === null;
  }

  get hasSteps(): boolean {
    return this.flow !== null && this.flow.drawing.cards.length > 0;
  }

  /** Which of the kernel's messages was the last to come. */
  get heard(): number {
    return this.revision;
  }

  get title(): string {
    return this.flow?.title ?? "";
  }

  get running(): boolean {
    return this.flow?.running ?? false;
  }

  /** Whether another process runs the flow. */
  get elsewhere(): boolean {
    return this.flow?.elsewhere ?? false;
  }

  get problems(): Problem[] {
    return this.flow?.problems ?? [];
  }

  get link(): Link {
    return this.linked;
  }

  set link(link: Link) {
    if (link === this.linked) return;
    this.linked = link;
    this.changed("link");
  }

  /** The last thing that somebody has to be told, or nothing. */
  get said(): string {
    return this.told;
  }

  /** Whether it is that something cannot be done. */
  get isWrong(): boolean {
    return this.wrong;
  }

  say(text: string, isWrong = true): void {
    this.told = text;
    this.wrong = isWrong;
    this.changed("said");
  }

  cellAt(position: number): string | null {
    return this.flow?.cells[position] ?? null;
  }

  /** Positions of the steps whose name or status holds each of these words. */
  found(text: string): number[] {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    return [...new Set(this.positions.values())].filter((position) => {
      const { label } = this.flow!.drawing.cards[position];
      const { word: status } = this.flow!.states[position];
      const told = `${label} ${status && this.own(status)}`.toLowerCase();
      return words.every((word) => told.includes(word));
    });
  }

  /** Position of a step that runs, or of the group that it is in; null where none does. */
  get busy(): number | null {
    const running = Object.entries(this.flow?.states ?? {}).find(([, { look }]) => look === "running");
    return running ? Number(running[0]) : null;
  }

  /** The id of every cell that is a step. */
  get cells(): string[] {
    return [...this.positions.keys()].filter((cell) => !this.isGroup(cell));
  }

  /** Whether this is the cell of a heading whose steps are one card. */
  isGroup(cell: string): boolean {
    const position = this.flow?.cells.indexOf(cell) ?? -1;
    return position >= 0 && this.flow!.drawing.cards[position].kind === "group";
  }

  /** The steps that a card stands for: the cell's own, or those of its group. */
  stepsOf(cell: string): string[] {
    if (!this.isGroup(cell)) return [cell];
    const position = this.positionOf(cell);
    return this.cells.filter((step) => this.positionOf(step) === position);
  }

  positionOf(cell: string): number | null {
    return this.positions.get(cell) ?? null;
  }

  stateOf(cell: string): State | null {
    const position = this.positions.get(cell);
    return position === undefined ? null : this.flow!.states[position];
  }

  nameOf(cell: string): string {
    const position = this.positions.get(cell);
    return position === undefined ? "" : this.flow!.drawing.cards[position].label;
  }

  problemsOf(cell: string): Problem[] {
    return this.problems.filter((problem) => problem.cell === cell);
  }

  /** Another kernel, or the same one anew, begins to count from the start. */
  restart(): void {
    this.revision = 0;
    for (const answer of this.waiting.values()) answer({ error: this.own("The kernel has gone.") });
    this.waiting.clear();
  }

  /** Take in what the kernel said; what came late is left out. */
  apply(message: Message): void {
    if (message.kind === "hello" || message.rev <= this.revision) return;
    this.revision = message.rev;
    switch (message.kind) {
      case "flow":
        this.show(message.flow);
        break;
      case "states":
        if (this.flow === null) return;
        this.restate({ ...this.flow.states, ...message.states });
        this.run(message.running);
        break;
      case "answer":
        this.waiting.get(message.id)?.(message.answer);
        this.waiting.delete(message.id);
    }
  }

  /** Show a whole flow; what of it is as before is not drawn again. */
  show(flow: Flow): void {
    this.ahead = Date.now() / 1000 - flow.now;
    const before = this.flow;
    const running = before?.running ?? false;
    const elsewhere = before?.elsewhere ?? false;
    const drawn = before !== null && same(before.drawing, flow.drawing);
    const stands = drawn && same(before.cells, flow.cells) && same(before.grouped, flow.grouped) && same(before.states, flow.states);
    const problems = before !== null && same(before.problems, flow.problems);
    this.flow = {
      ...flow,
      running,
      drawing: drawn ? before.drawing : flow.drawing,
      down: drawn ? before.down : flow.down,
      states: stands ? before.states : flow.states,
    };
    this.positions = new Map();
    flow.cells.forEach((cell, position) => {
      if (cell !== null) this.positions.set(cell, position);
    });
    for (const [cell, position] of Object.entries(flow.grouped)) this.positions.set(cell, position);
    if (!drawn) this.changed("drawing");
    if (!stands) this.changed("states");
    if (!problems) this.changed("problems");
    this.run(flow.running);
    if (flow.elsewhere !== elsewhere) this.changed("running");
  }

  /** A new request's id, and its answer; an error where none comes in time. */
  ask(patience: number): [string, Promise<Answer>] {
    const id = `${++this.asked}-${Math.random().toString(36).slice(2)}`;
    return [
      id,
      new Promise((resolve) => {
        const late = setTimeout(() => {
          this.waiting.delete(id);
          resolve({ error: this.own("The kernel does not answer.") });
        }, patience);
        this.waiting.set(id, (answer) => {
          clearTimeout(late);
          resolve(answer);
        });
      }),
    ];
  }

  private restate(states: States): void {
    this.flow!.states = states;
    this.changed("states");
  }

  private run(running: boolean): void {
    if (running === this.flow!.running) return;
    this.flow!.running = running;
    this.changed("running");
  }

  private changed(what: Change): void {
    for (const act of [...(this.listeners.get(`change:${what}`) ?? [])]) act();
  }
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
