// The graph, what there is instead of one, and what is wrong with the notebook.

import { TranslationBundle } from "@jupyterlab/translation";
import { Message } from "@lumino/messaging";
import { Signal } from "@lumino/signaling";
import { Widget } from "@lumino/widgets";
import { Finder } from "./finder.js";
import { FlowModel } from "./model.js";
import { element } from "./page.js";
import { View } from "./widget.js";

export class GraphWidget extends Widget {
  /** A card was chosen, by its position. */
  readonly chosen = new Signal<this, number>(this);
  /** Of a card, by its position, it was asked what can be done with it. */
  readonly asked = new Signal<this, number>(this);
  /** A group is to be opened, by its position. */
  readonly opened = new Signal<this, number>(this);
  /** A problem was chosen: the id of its cell. */
  readonly sought = new Signal<this, string>(this);
  /** The first step is to be made. */
  readonly begun = new Signal<this, void>(this);
  private view: View | null = null;
  private place = element("div", "nbflow-place");
  private empty = element("div", "nbflow-empty");
  private problems = element("ul", "nbflow-problems");
  private finder: Finder;
  private isFollowing = false;
  /** Position of the running step that was last moved to where it can be seen. */
  private followed: number | null = null;
  private said = element("div", "nbflow-said");
  private selected: string | null = null;

  constructor(
    private model: FlowModel,
    private trans: TranslationBundle,
  ) {
    super();
    this.addClass("nbflow-graph");
    this.said.setAttribute("role", "alert");
    this.problems.setAttribute("aria-label", trans.__("Problems"));
    this.finder = new Finder(trans, {
      found: (text) => this.mark(text),
      chosen: () => this.view?.root.querySelector<SVGElement>(".node.mark-found")?.focus(),
      closed: () => this.view?.svg.focus(),
    });
    this.node.append(this.said, this.finder.node, this.place, this.empty, this.problems);
    this.redraw = this.redraw.bind(this);
    this.remark = this.remark.bind(this);
    this.tell = this.tell.bind(this);
    this.list = this.list.bind(this);
    model.on("change:drawing", this.redraw);
    model.on("change:states", this.remark);
    model.on("change:link", this.redraw);
    model.on("change:said", this.tell);
    model.on("change:problems", this.list);
    this.redraw();
    this.list();
    this.tell();
  }

  dispose(): void {
    if (this.isDisposed) return;
    this.model.off("change:drawing", this.redraw);
    this.model.off("change:states", this.remark);
    this.model.off("change:link", this.redraw);
    this.model.off("change:said", this.tell);
    this.model.off("change:problems", this.list);
    this.view?.dispose();
    super.dispose();
  }

  /** Position of the node that has the focus, or nothing. */
  get current(): number | null {
    return this.view?.current ?? null;
  }

  /** Give the node of a step, or of its group, the focus. */
  focusOn(cell: string): void {
    const position = this.model.positionOf(cell);
    if (position !== null) this.view?.focus(position);
  }

  fit(): void {
    this.view?.fit();
  }

  /** Ask which steps to show: those whose name or status holds each of some words. */
  find(): void {
    this.finder.open();
  }

  /** Whether what runs is kept where it can be seen. */
  get follows(): boolean {
    return this.isFollowing;
  }

  set follows(follows: boolean) {
    this.isFollowing = follows;
    this.followed = null;
    this.remark();
  }

  /** Mark the node of the notebook's active cell. */
  select(cell: string | null): void {
    this.selected = cell;
    this.remark();
  }

  protected onResize(message: Widget.ResizeMessage): void {
    super.onResize(message);
    this.turn();
  }

  /** Lay the graph the way that shows it larger. */
  private turn(): void {
    const { clientWidth, clientHeight } = this.place;
    this.model.fitInto(clientWidth - 48, clientHeight - 100);
  }

  protected onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    if (this.finder.isOpen) this.finder.open();
    else this.view?.svg.focus();
  }

  private redraw(): void {
    const { model } = this;
    if (model.hasSteps && this.view === null) {
      this.view = new View(model, this.place, (text, ...values) => this.trans.__(text, ...values));
      // The notebook's shortcuts do not reach this place, and those of the panel are to.
      delete this.view.root.dataset.lmSuppressShortcuts;
      this.view.root.addEventListener("nbflow-open", (event) =>
        this.opened.emit((event as CustomEvent<number>).detail),
      );
      this.view.root.addEventListener("nbflow-choose", (event) => {
        const { detail } = event as CustomEvent<number | null>;
        if (detail !== null) this.chosen.emit(detail);
      });
      this.view.root.addEventListener("contextmenu", () => {
        const at = this.current;
        if (at !== null) this.asked.emit(at);
      });
    }
    this.place.hidden = !model.hasSteps;
    this.empty.hidden = model.hasSteps;
    if (!model.hasSteps) {
      this.empty.replaceChildren(...this.instead());
    }
    this.turn();
    this.remark();
  }

  /** What there is where there is no graph. */
  private instead(): HTMLElement[] {
    const { model, trans } = this;
    const head = (text: string) => element("strong", "", text);
    if (model.link === "lost" && model.isEmpty) return [head(trans.__("The flow cannot be shown"))];
    if (model.isEmpty) return [head(trans.__("Reading the notebook…"))];
    const mark = element("code", "", "%%step load"); // a translation would take the signs for its own
    const text = element("p", "", trans.__("A cell becomes a step by its first line:"), " ", mark);
    const button = element("button", "nbflow-begin", trans.__("Make the Active Cell a Step…"));
    button.onclick = () => this.begun.emit();
    return [head(trans.__("No steps yet")), text, button];
  }

  private remark(): void {
    const { model, view } = this;
    if (view === null || !model.hasSteps) return;
    const at = this.selected === null ? null : model.positionOf(this.selected);
    view.mark("mark-active", at === null ? [] : [at]);
    this.mark(this.finder.text);
    if (!this.isFollowing) return;
    const { busy } = model;
    if (busy !== null && busy !== this.followed) view.mark("mark-running", [busy]);
    this.followed = busy;
  }

  /** Let all but what is looked for step back. */
  private mark(text: string): void {
    if (this.view === null || (!text && !this.view.root.classList.contains("finding"))) return;
    const found = text ? this.model.found(text) : [];
    this.view.root.classList.toggle("finding", Boolean(text));
    this.view.mark("mark-found", found);
    this.finder.tell(found.length);
  }

  private tell(): void {
    const text = this.model.said;
    this.said.hidden = !text;
    this.said.classList.toggle("wrong", this.model.isWrong);
    const close = element("button", "nbflow-close", "×");
    close.setAttribute("aria-label", this.trans.__("Dismiss"));
    close.onclick = () => this.model.say("");
    this.said.replaceChildren(element("span", "", text), close);
  }

  private list(): void {
    // That there is no step yet is said in its place.
    const problems = this.model.problems.filter(({ cell }) => cell !== null || this.model.hasSteps);
    this.problems.hidden = problems.length === 0;
    this.problems.replaceChildren(
      ...problems.map((problem) => {
        const name = problem.cell === null ? "" : this.model.nameOf(problem.cell);
        const where = [name, problem.line && this.trans.__("line %1", problem.line)];
        const button = element(
          "button",
          `nbflow-problem ${problem.severity}`,
          element("span", "nbflow-sign", problem.severity === "error" ? "✘" : "▲"),
          element(
            "span",
            "",
            element("span", "nbflow-where", where.filter(Boolean).join(" · ")),
            element("span", "nbflow-message", problem.message),
            element("span", "nbflow-remedy", problem.remedy),
          ),
        );
        button.onclick = () => problem.cell !== null && this.sought.emit(problem.cell);
        return element("li", "", button);
      }),
    );
  }
}
