// All about one step, beside the graph. What comes as HTML goes through JupyterLab's sanitiser.

import { IRenderMime, IRenderMimeRegistry, MimeModel } from "@jupyterlab/rendermime";
import { TranslationBundle } from "@jupyterlab/translation";
import { Message } from "@lumino/messaging";
import { Panel, Widget } from "@lumino/widgets";
import { LogsWidget, Section } from "./logview.js";
import { FlowSource } from "./source.js";
import { Answer, LogSection, MimeBundle } from "./protocol.js";
import { element } from "./page.js";
import { worded } from "./widget.js";

/** Milliseconds between two looks at the logs of a step that runs. */
const LOOK = 400;

export type Tab = "why" | "outputs" | "logs" | "source" | "history";

export class DetailsWidget extends Panel {
  private tabs = element("div", "nbflow-tabs");
  private head = element("div", "nbflow-details-head");
  private body = new Panel();
  private tab: Tab = "why";
  private chosen: Tab | null = null;
  private cell: string | null = null;
  private answer: Answer = {};
  private asked = 0;
  private timer = 0;
  private logs: LogsWidget | null = null;
  private stamp = "";
  private looking = 0;
  /** What the values look like, and of which outputs that is. */
  private previews: LogSection[] = [];
  private previewed = "";

  constructor(
    private source: FlowSource,
    private rendermime: IRenderMimeRegistry,
    private trans: TranslationBundle,
    private left: () => void,
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
    button.onclick = () => this.close();
    top.node.append(this.head, this.tabs, button);
    this.addWidget(top);
    this.addWidget(this.body);
    this.node.addEventListener("keydown", (event) => this.key(event));
    this.onStates = this.onStates.bind(this);
    this.onLink = this.onLink.bind(this);
    source.model.on("change:states", this.onStates);
    source.model.on("change:link", this.onLink);
  }

  dispose(): void {
    if (this.isDisposed) return;
    window.clearTimeout(this.timer);
    window.clearTimeout(this.looking);
    this.source.model.off("change:states", this.onStates);
    this.source.model.off("change:link", this.onLink);
    super.dispose();
  }

  close(): void {
    const hadFocus = this.node.contains(document.activeElement);
    super.close();
    this.dispose();
    if (hadFocus) this.left();
  }

  /** Tell all about a step: what was asked for, or, until a tab is chosen, what it needs most. */
  about(cell: string, tab?: Tab): void {
    if (cell !== this.cell) {
      this.answer = {};
      this.dropLogs();
      const failed = this.source.model.stateOf(cell)?.look === "failed";
      this.tab = this.chosen ?? (failed ? "logs" : "why");
    }
    this.tab = tab ?? this.tab;
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

  protected onAfterShow(message: Message): void {
    super.onAfterShow(message);
    if (this.cell !== null) this.onStates();
  }

  /** Looks at the logs, if they are what is shown: again and again while the step runs. */
  private async look(): Promise<void> {
    window.clearTimeout(this.looking);
    this.looking = 0;
    const { logs, cell } = this;
    if (logs === null || cell === null || !this.isVisible || document.hidden) return;
    this.looking = -1; // one question at a time
    const answer = await this.source.logs(cell, this.stamp);
    if (logs !== this.logs || this.isDisposed) return;
    this.looking = 0;
    if (answer.logs) {
      this.stamp = answer.stamp!;
      logs.tell(answer.logs);
    }
    if (this.source.model.stateOf(cell)?.look === "running") this.lookSoon();
  }

  private lookSoon(): void {
    if (this.looking === 0) this.looking = window.setTimeout(() => void this.look(), LOOK);
  }

  private key(event: KeyboardEvent): void {
    const find = event.key === "f" && (event.ctrlKey || event.metaKey);
    if (this.logs === null || event.target instanceof HTMLInputElement) return;
    if (!find && event.key !== "/") return;
    event.preventDefault();
    event.stopPropagation();
    this.logs.seek();
  }

  private onStates(): void {
    this.lookSoon();
    if (this.cell === null || !this.isVisible) return;
    if (this.source.model.stateOf(this.cell) === null) return this.close(); // there is no such step any more
    this.heading();
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.ask(), 400);
  }

  private onLink(): void {
    if (this.tab === "outputs" && this.cell !== null) this.draw(); // with a kernel there is more to see
  }

  private heading(): void {
    const { model } = this.source;
    const state = model.stateOf(this.cell!);
    const said = state?.word ? this.trans.__(state.word) : "";
    const word = element("span", `nbflow-word ${state?.look ?? "none"}`, said);
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
    if (this.tab === "logs") return this.drawLogs();
    this.dropLogs();
    for (const widget of [...this.body.widgets]) widget.dispose();
    if (answer.error) return this.put(new Note(`${answer.error} ${answer.remedy ?? ""}`));
    const part = answer[this.tab as Exclude<Tab, "logs">];
    if (Object.keys(answer).length === 0) this.put(new Note(trans.__("…")));
    else if (part === undefined) this.put(new Note(trans.__("Nothing yet: it has not run.")));
    else {
      void this.page(part).then((page) => {
        if (this.tab !== "outputs" || page.isDisposed) return;
        const isKnown = this.previewed === outputs(this.cell, answer);
        [...(answer.displayed ?? []), ...(isKnown ? this.previews : [])].forEach((each) => this.display(each));
        if (!isKnown) void this.preview();
      });
    }
  }

  /** Has a worker show the values, and puts them below the rest. */
  private async preview(): Promise<void> {
    if (!this.source.isLive) {
      const { trans } = this;
      return this.put(new Note(trans.__("What the values look like is shown once the kernel has nbflow: Run loads it.")));
    }
    const of = (this.previewed = outputs(this.cell, this.answer));
    this.previews = [];
    const { previews = [] } = await this.source.previews(this.cell!);
    if (of !== this.previewed || this.isDisposed) return;
    this.previews = previews;
    if (this.tab === "outputs") previews.forEach((each) => this.display(each));
  }

  private display(told: LogSection): void {
    const section = new Section(told.heading, this.rendermime, this.trans);
    section.tell(told);
    this.put(section);
  }

  private button(tab: Tab, label: string): HTMLElement {
    const button = element("button", "nbflow-tab", label);
    button.setAttribute("role", "tab");
    button.setAttribute("aria-selected", String(tab === this.tab));
    button.tabIndex = tab === this.tab ? 0 : -1;
    button.onclick = () => {
      this.tab = this.chosen = tab;
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

  private async page(bundle: MimeBundle): Promise<Widget> {
    // Never trusted: it goes through the sanitiser, whatever the notebook is.
    const model = new MimeModel({ data: bundle, trusted: false });
    const type = this.rendermime.preferredMimeType(bundle, "any") ?? "text/plain";
    const renderer: IRenderMime.IRenderer = this.rendermime.createRenderer(type);
    this.put(renderer);
    await renderer.renderModel(model);
    this.say(renderer.node);
    if (this.tab === "source") await this.colour(renderer.node);
    return renderer;
  }

  /** Says in the user's language what a page says in nbflow's own words. */
  private say(page: HTMLElement): void {
    for (const own of page.querySelectorAll<HTMLElement>("span[lang=en]")) {
      const text = this.answer.worded?.[own.textContent!.replaceAll("`", "")];
      if (text === undefined) continue;
      const said = worded(text, (words, ...values) => this.trans.__(words, ...values));
      const pieces = said.split(/`([^`\n]+)`/); // names and code stand in backticks
      own.replaceChildren(...pieces.map((piece, at) => (at % 2 ? element("code", "", piece) : piece)));
      own.removeAttribute("lang");
    }
  }

  /** Shows code in the colours that JupyterLab has for it in a text. */
  private async colour(page: HTMLElement): Promise<void> {
    for (const code of page.querySelectorAll("pre.nbf-code")) {
      const text = code.textContent!;
      const fence = "`".repeat(Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length)) + 1);
      const model = new MimeModel({ data: { "text/markdown": `${fence}python\n${text}\n${fence}` }, trusted: false });
      const renderer = this.rendermime.createRenderer("text/markdown");
      await renderer.renderModel(model);
      const coloured = renderer.node.querySelector("pre");
      if (coloured?.textContent?.trimEnd() === text.trimEnd()) code.replaceChildren(...coloured.childNodes);
      renderer.dispose();
    }
  }

  private drawLogs(): void {
    if (this.logs !== null) return;
    for (const widget of [...this.body.widgets]) widget.dispose();
    this.logs = new LogsWidget(this.rendermime, this.trans);
    this.put(this.logs);
    void this.look();
  }

  private dropLogs(): void {
    window.clearTimeout(this.looking);
    this.looking = 0;
    this.logs?.dispose();
    this.logs = null;
    this.stamp = "";
  }
}

/** Another text whenever a step gave something else. */
function outputs(cell: string | null, answer: Answer): string {
  return JSON.stringify([cell, answer.outputs]);
}

class Note extends Widget {
  constructor(text: string) {
    super({ node: element("p", "nbflow-note", text) });
  }
}
