// What the panel uses of nbflow/views/widget.js, which also draws in output cells: the build puts
// that file beside these.

import { Text } from "./protocol.js";

/** A text of Python's as the page says it; ``own`` looks up words in its user's language. */
export function worded(text: Text, own: (words: string, ...values: string[]) => string): string;

/** What tells the view what to draw: ``drawing`` and ``states``, and when they change. */
export interface Drawn {
  get(name: string): unknown;
  on(event: string, act: () => void): void;
  off(event: string, act: () => void): void;
}

/** The graph in one place of the page; it tells of itself by events of its root.

    ``nbflow-choose`` (a node was clicked, or Enter pressed on it), with its position; null for the
    ground beside all nodes. ``nbflow-open``: Enter was pressed on a group. */
export class View {
  /** ``own`` says a text of the view's own in its user's language. */
  constructor(model: Drawn, element: HTMLElement, own?: (text: string, ...values: string[]) => string);
  readonly root: HTMLElement;
  readonly svg: SVGElement;
  /** Position of the node that has the focus, or null. */
  readonly current: number | null;
  /** Mark these nodes, and no others, with a class; the first, if it is another than before, is
      moved to where it can be seen. */
  mark(name: string, positions: number[]): void;
  /** Give a node the focus. */
  focus(position: number): void;
  fit(): void;
  dispose(): void;
}
