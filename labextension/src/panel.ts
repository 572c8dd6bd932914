// The panel of one notebook: the graph, all about one step, and the way between nodes and cells.

import { MainAreaWidget } from "@jupyterlab/apputils";
import { IRenderMimeRegistry } from "@jupyterlab/rendermime";
import { NotebookActions } from "@jupyterlab/notebook";
import { TranslationBundle } from "@jupyterlab/translation";
import { Message } from "@lumino/messaging";
import { SplitPanel, Widget } from "@lumino/widgets";
import { DetailsWidget, Tab } from "./details.js";
import { toggleHeading } from "./headings.js";
import { flowIcon } from "./icons.js";
import { Link } from "./model.js";
import { element } from "./page.js";
import { FlowSource } from "./source.js";
import { GraphWidget } from "./view.js";

/** Milliseconds between two looks at whether a cell is in the page. */
const LOOK = 100;

export class FlowPanel extends MainAreaWidget<SplitPanel> {
  readonly graph: GraphWidget;
  private details: DetailsWidget | null = null;

  constructor(
    readonly source: FlowSource,
    private rendermime: IRenderMimeRegistry,
    private trans: TranslationBundle,
  ) {
    super({ content: new SplitPanel({ orientation: "vertical", spacing: 1 }) });
    this.addClass("nbflow-panel");
    this.id = `nbflow-panel-${source.notebook.id}`;
    this.title.icon = flowIcon;
    this.title.closable = true;
    this.graph = new GraphWidget(source.model, trans);
    this.content.addWidget(this.graph);
    this.graph.chosen.connect((_, position) => this.choose(position));
    // The menu takes the focus from the node: its commands are about the active cell then.
    this.graph.asked.connect((_, position) => this.goTo(source.model.cellAt(position)));
    this.graph.opened.connect(() => void this.toggleGroup());
    this.graph.sought.connect((_, cell) => this.goTo(cell));
    const { notebook } = source;
    notebook.content.activeCellChanged.connect(this.onActiveCell, this);
    notebook.context.pathChanged.connect(this.rename, this);
    source.disposed.connect(() => this.dispose());
    source.watch(this);
    this.rename();
    this.onActiveCell();
  }

  dispose(): void {
    if (this.isDisposed) return;
    this.source.notebook.content.activeCellChanged.disconnect(this.onActiveCell, this);
    super.dispose();
  }

  /** The cell of the node that has the focus, else the notebook's active one. */
  get cell(): string | null {
    const { model, notebook } = this.source;
    const current = this.graph.current;
    return (current !== null ? model.cellAt(current) : notebook.content.activeCell?.model.id) ?? null;
  }

  /** Tell all about a step beside the graph. */
  explain(cell: string, tab?: Tab): void {
    if (this.details === null) {
      const { source, rendermime, trans } = this;
      this.details = new DetailsWidget(source, rendermime, trans, () => this.graph.activate());
      this.details.disposed.connect(() => (this.details = null));
      this.content.addWidget(this.details);
      this.content.setRelativeSizes([3, 2]);
    }
    this.details.about(cell, tab);
  }

  /** Scroll the notebook to a cell and make it the active one. */
  goTo(cell: string | null): void {
    const { content } = this.source.notebook;
    const index = content.widgets.findIndex(({ model }) => model.id === cell);
    if (index < 0) return;
    content.deselectAll();
    NotebookActions.expandParent(content.widgets[index], content);
    content.activeCellIndex = index;
    // A cell that was never on the screen is put into the page first: so it cannot be left to "smart".
    const [place, frame] = [content.widgets[index].node, content.node].map((node) =>
      node.getBoundingClientRect(),
    );
    const isSeen = place.height > 0 && place.top >= frame.top && place.bottom <= frame.bottom;
    if (!isSeen) void this.scrollTo(index);
  }

  /** JupyterLab puts the cells of a long notebook into the page bit by bit, and waits for one only so long. */
  private async scrollTo(index: number): Promise<void> {
    const { content } = this.source.notebook;
    const cell = content.widgets[index];
    const scroll = () => content.scrollToItem(index, "center", 0).catch(() => undefined); // somebody goes elsewhere
    const isThere = cell.node.isConnected;
    void scroll();
    while (!cell.node.isConnected) {
      await new Promise((resolve) => setTimeout(resolve, LOOK));
      if (content.isDisposed || content.activeCell !== cell) return;
    }
    if (!isThere) await scroll();
  }

  /** Fold the steps under the heading of the node that has the focus into one card, or unfold them.

      It is the notebook that is folded: the graph only follows. */
  async toggleGroup(): Promise<void> {
    const cell = this.cell;
    if (cell === null) return;
    const steps = this.source.model.stepsOf(cell);
    const heading = await toggleHeading(this.source.notebook.content, cell);
    if (heading === null || !this.node.contains(document.activeElement)) return;
    const { model } = this.source;
    const wasFolded = model.isGroup(heading);
    const moved = () => {
      if (model.isGroup(heading) === wasFolded) return; // drawn anew for another reason
      model.off("change:drawing", moved);
      // Behind the graph, which draws itself anew for the same reason.
      window.setTimeout(() => {
        if (this.node.contains(document.activeElement)) this.graph.focusOn(wasFolded ? steps[0] : heading);
      });
    };
    model.on("change:drawing", moved);
  }

  protected onResize(message: Widget.ResizeMessage): void {
    super.onResize(message);
    if (message.width > 0)
      this.content.orientation = message.width > 1.4 * message.height ? "horizontal" : "vertical";
  }

  protected onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    this.graph.activate();
  }

  private choose(position: number): void {
    const cell = this.source.model.cellAt(position);
    if (cell === null) {
      const marked = /^\s*(%%|#\|\s*)parameters\b/m;
      const place = this.source
        .cells()
        .find(({ source, tags }) => marked.test(source) || tags.includes("parameters"));
      if (place) this.goTo(place.id);
      return;
    }
    this.goTo(cell);
    if (!this.source.model.isGroup(cell)) this.explain(cell);
  }

  private onActiveCell(): void {
    const cell = this.source.notebook.content.activeCell?.model.id ?? null;
    const step = cell !== null && this.source.model.stateOf(cell) !== null ? cell : null;
    this.graph.select(cell);
    if (this.details !== null && step !== null && !this.source.model.isGroup(step)) this.details.about(step);
  }

  private rename(): void {
    const name = this.source.path.split("/").pop() ?? "";
    this.title.label = this.trans.__("Flow: %1", name.replace(/\.ipynb$/, ""));
    this.title.caption = this.trans.__("The flow of %1", this.source.path);
  }
}

/** Where what is shown comes from, in words. */
export class LinkStatus extends Widget {
  constructor(
    private source: FlowSource,
    private trans: TranslationBundle,
  ) {
    super();
    this.addClass("nbflow-link");
    this.node.setAttribute("role", "status");
    this.draw = this.draw.bind(this);
    source.model.on("change:link", this.draw);
    source.model.on("change:running", this.draw);
    source.notebook.sessionContext.kernelChanged.connect(this.draw, this);
    this.draw();
  }

  dispose(): void {
    this.source.model.off("change:link", this.draw);
    this.source.model.off("change:running", this.draw);
    this.source.notebook.sessionContext.kernelChanged.disconnect(this.draw, this);
    super.dispose();
  }

  private draw(): void {
    const { trans } = this;
    const { link, running, elsewhere } = this.source.model;
    const words: Record<Link, [string, string]> = {
      asking: [trans.__("connecting"), trans.__("Asking the kernel and the server for the flow.")],
      saved: [
        this.source.hasKernel ? trans.__("not loaded") : trans.__("no kernel"),
        trans.__("What a run would do, as the store has it; the kernel has not loaded nbflow: Run does."),
      ],
      live: [trans.__("live"), trans.__("Connected with the kernel.")],
      lost: [trans.__("lost"), trans.__("Neither the kernel nor the server answers.")],
    };
    let [word, story] = words[link];
    if (link === "live" && running) {
      word = trans.__("running");
      story = trans.__("The kernel runs the flow as it was when the run began; the graph follows what is typed meanwhile.");
    } else if (elsewhere) {
      word = trans.__("running elsewhere");
      story = trans.__("Another process runs this flow: a terminal, or a kernel.");
    }
    this.node.dataset.link = link;
    this.node.title = story;
    this.node.replaceChildren(element("span", "nbflow-dot"), word);
  }
}
