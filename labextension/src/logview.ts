// What a step puts out, with a search above it; while it grows, its end is what is seen, unless
// somebody has scrolled up.

import { OutputArea, OutputAreaModel } from "@jupyterlab/outputarea";
import { IRenderMimeRegistry } from "@jupyterlab/rendermime";
import { TranslationBundle } from "@jupyterlab/translation";
import { Panel, Widget } from "@lumino/widgets";
import { Found, search } from "./logs.js";
import { LogSection } from "./protocol.js";
import { element } from "./page.js";

/** So near the end, in pixels, is at the end. */
const NEAR = 24;

export class LogsWidget extends Panel {
  private field = element("input", "nbflow-search") as HTMLInputElement;
  private count = element("span", "nbflow-count");
  private body = new Panel();
  private shown = new Map<string, Section>();
  private note = new Widget({ node: element("p", "nbflow-note") });
  private told: LogSection[] = [];
  private follows = true;
  /** What is put out is drawn a little later than it comes. */
  private grown = new ResizeObserver(() => this.follow());

  constructor(
    private rendermime: IRenderMimeRegistry,
    private trans: TranslationBundle,
  ) {
    super();
    this.addClass("nbflow-logs");
    const label = trans.__("Search the logs (/)");
    Object.assign(this.field, { type: "search", placeholder: label, spellcheck: false });
    this.field.setAttribute("aria-label", label);
    // The panel's own keys are letters.
    this.field.dataset.lmSuppressShortcuts = "true";
    this.count.setAttribute("role", "status");
    this.field.oninput = () => this.draw();
    this.field.onkeydown = (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      if (!this.field.value) return this.body.node.focus();
      this.field.value = "";
      this.draw();
    };
    const top = new Widget({ node: element("div", "nbflow-logs-top", this.field, this.count) });
    this.body.addClass("nbflow-logs-body");
    this.body.node.tabIndex = 0;
    this.body.node.setAttribute("aria-label", trans.__("Logs"));
    this.body.node.onscroll = () => {
      const { scrollTop, clientHeight, scrollHeight } = this.body.node;
      this.follows = scrollTop + clientHeight > scrollHeight - NEAR;
    };
    this.addWidget(top);
    this.addWidget(this.body);
    this.body.addWidget(this.note);
  }

  dispose(): void {
    this.grown.disconnect();
    super.dispose();
  }

  seek(): void {
    this.field.focus();
    this.field.select();
  }

  tell(sections: LogSection[]): void {
    this.told = sections;
    this.draw();
  }

  private draw(): void {
    const { trans } = this;
    const found = search(this.told, this.field.value);
    this.count.textContent = this.field.value
      ? trans.__("%1 of %2 lines", found.lines, found.of)
      : trans._n("%1 line", "%1 lines", found.of);
    this.note.setHidden(found.sections.length > 0);
    this.note.node.textContent = this.told.length
      ? trans.__("No line says so.")
      : trans.__("It has put out nothing.");
    this.arrange(found);
    this.follow();
  }

  private arrange(found: Found): void {
    const wanted = new Set(found.sections.map(({ heading }) => heading));
    for (const [heading, section] of this.shown)
      if (!wanted.has(heading)) {
        this.grown.unobserve(section.node);
        section.dispose();
        this.shown.delete(heading);
      }
    found.sections.forEach((told, at) => {
      let section = this.shown.get(told.heading);
      if (section === undefined) {
        section = new Section(told.heading, this.rendermime, this.trans);
        this.shown.set(told.heading, section);
        this.body.insertWidget(at + 1, section); // below the note
        this.grown.observe(section.node);
      }
      section.tell(told);
    });
  }

  private follow(): void {
    if (this.follows) this.body.node.scrollTop = this.body.node.scrollHeight;
  }
}

/** What one task put out. */
export class Section extends Panel {
  private model = new OutputAreaModel({ trusted: false });
  private told: string[] = [];
  private cut: Widget;

  constructor(heading: string, rendermime: IRenderMimeRegistry, trans: TranslationBundle) {
    super();
    if (heading) this.addWidget(new Widget({ node: element("h4", "nbflow-log-head", heading) }));
    this.cut = new Widget({ node: element("p", "nbflow-note", trans.__("… what came before is not shown")) });
    this.addWidget(this.cut);
    this.addWidget(new OutputArea({ model: this.model, rendermime }));
  }

  /** Draws what is new, and nothing that is as before. */
  tell({ outputs, cut }: LogSection): void {
    this.cut.setHidden(!cut);
    const told = outputs.map((output) => JSON.stringify(output));
    const same = (at: number) => told[at] === this.told[at];
    if (told.length < this.told.length) this.model.fromJSON(outputs as any);
    else
      outputs.forEach((output, at) => {
        if (at >= this.told.length) this.model.add(output as any);
        else if (!same(at)) this.model.set(at, output as any);
      });
    this.told = told;
  }
}
