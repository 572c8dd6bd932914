// All about one step, beside the graph. What comes as HTML goes through JupyterLab's sanitiser.

import { OutputArea, OutputAreaModel } from "@jupyterlab/outputarea";
import { IRenderMime, IRenderMimeRegistry, MimeModel } from "@jupyterlab/rendermime";
import { TranslationBundle } from "@jupyterlab/translation";
import { Panel, Widget } from "@lumino/widgets";
import { FlowSource } from "./source.js";
import { Answer, MimeBundle } from "./protocol.js";
import { element } from "./page.js";

type Tab = "why" | "outputs" | "logs" | "source" | "history";

export class DetailsWidget extends Panel {
  private tabs = element("div", "nbflow-tabs");
  private head = element("div", "nbflow-details-head");
  private body = new Panel();
  private tab: Tab = "why";
  private cell: string | null = null;
  private answer: Answer = {};
  private asked = 0;
  private timer = 0;

  constructor(
    private source: FlowSource,
    private rendermime: IRenderMimeRegistry,
    private trans: TranslationBundle,
    close: () => void,
  ) {
    super();
    this.addClass("nbflow-details");
    this.tabs.setAttribute("role", "tablist");
    this.body.addClass("nbflow-details-body");
    this.body.node.setAttribute("role", "tabpanel");
    this.body.node.tabIndex = 0;
    const top = new Widget();
    top.addClass("nbflow-details-top");
    const button = element("button", "nbflow-close", "×");
    button.setAttribute("aria-label", trans.__("Close the details"));
    button.onclick = close;
    top.node.append(this.head, this.tabs, button);
    this.addWidget(top);
    this.addWidget(this.body);
    this.onStates = this.onStates.bind(this);
    source.model.on("change:states", this.onStates);
  }

  dispose(): void {
    if (this.isDisposed) return;
    window.clearTimeout(this.timer);
    this.source.model.off("change:states", this.onStates);
    super.dispose();
  }

  /** Tell all about a step, or, with null, about none. */
  about(cell: string): void {
    if (cell !== this.cell) this.answer = {};
    this.cell = cell;
    this.draw();
    void this.ask();
  }

  private async ask(): Promise<void> {
    const asked = ++this.asked;
    const answer = await this.source.details(this.cell!);
    if (asked !== this.asked || this.isDisposed) return;
    if (JSON.stringify(answer) === JSON.stringify(this.answer)) return;
    this.answer = answer;
    this.draw();
  }

  private onStates(): void {
    if (this.cell === null || !this.isVisible) return;
    this.heading();
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.ask(), 400);
  }

  private heading(): void {
    const { model } = this.source;
    const state = model.stateOf(this.cell!);
    const word = element("span", `nbflow-word ${state?.look ?? "none"}`, state?.word ?? "");
    this.head.replaceChildren(element("strong", "", model.nameOf(this.cell!)), word);
  }

  private draw(): void {
    const { trans, answer } = this;
    this.heading();
    const names: [Tab, string][] = [
      ["why", trans.__("Why")],
      ["outputs", trans.__("Outputs")],
      ["logs", trans.__("Logs")],
      ["source", trans.__("Source")],
      ["history", trans.__("History")],
    ];
    this.tabs.replaceChildren(...names.map(([tab, label]) => this.button(tab, label)));
    for (const widget of [...this.body.widgets]) widget.dispose();
    if (answer.error) return this.put(new Note(`${answer.error} ${answer.remedy ?? ""}`));
    const part = answer[this.tab];
    if (Object.keys(answer).length === 0) this.put(new Note(trans.__("…")));
    else if (part === undefined) this.put(new Note(trans.__("Nothing yet: it has not run.")));
    else if (Array.isArray(part)) this.logs(part);
    else void this.page(part);
  }

  private button(tab: Tab, label: string): HTMLElement {
    const button = element("button", "nbflow-tab", label);
    button.setAttribute("role", "tab");
    button.setAttribute("aria-selected", String(tab === this.tab));
    button.tabIndex = tab === this.tab ? 0 : -1;
    button.onclick = () => {
      this.tab = tab;
      this.draw();
    };
    button.onkeydown = (event) => {
      const next = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
      if (!next) return;
      const all = [...this.tabs.children] as HTMLElement[];
      const at = (all.indexOf(button) + next + all.length) % all.length;
      all[at].click();
      (this.tabs.children[at] as HTMLElement).focus();
    };
    return button;
  }

  private put(widget: Widget): void {
    this.body.addWidget(widget);
  }

  private async page(bundle: MimeBundle): Promise<void> {
    // Never trusted: it goes through the sanitiser, whatever the notebook is.
    const model = new MimeModel({ data: bundle, trusted: false });
    const type = this.rendermime.preferredMimeType(bundle, "any") ?? "text/plain";
    const renderer: IRenderMime.IRenderer = this.rendermime.createRenderer(type);
    this.put(renderer);
    await renderer.renderModel(model);
  }

  private logs(values: Record<string, unknown>[]): void {
    if (values.length === 0) return this.put(new Note(this.trans.__("It has put out nothing.")));
    const model = new OutputAreaModel({ values: values as any, trusted: false });
    this.put(new OutputArea({ model, rendermime: this.rendermime }));
  }
}

class Note extends Widget {
  constructor(text: string) {
    super({ node: element("p", "nbflow-note", text) });
  }
}
