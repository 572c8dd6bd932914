// A quiet sign on the cell of every step: how the step stands, and why.

import { Notebook } from "@jupyterlab/notebook";
import { TranslationBundle } from "@jupyterlab/translation";
import { FlowModel } from "./model.js";
import { Problem, State, Text } from "./protocol.js";
import { element } from "./page.js";
import { worded } from "./widget.js";

const WARNING = "M8 2.5L14 13H2zM8 6.5v3M8 11v.4";
const SVG = "http://www.w3.org/2000/svg";

/** What a badge shows of a state. */
interface Sign extends Pick<State, "look" | "icon" | "word" | "done"> {
  story: string;
  reasons: string[];
}

export class Badges {
  private frame = 0;

  constructor(
    private notebook: Notebook,
    private model: FlowModel,
    private trans: TranslationBundle,
  ) {
    this.later = this.later.bind(this);
    model.on("change:states", this.later);
    model.on("change:problems", this.later);
    notebook.modelContentChanged.connect(this.later, this);
    notebook.disposed.connect(() => {
      cancelAnimationFrame(this.frame);
      model.off("change:states", this.later);
      model.off("change:problems", this.later);
    });
  }

  private later(): void {
    if (this.model.isEmpty) return; // a notebook without a flow
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    if (this.notebook.isDisposed) return;
    for (const cell of this.notebook.widgets) {
      const state = this.model.stateOf(cell.model.id);
      const problems = this.model.problemsOf(cell.model.id);
      let badge = cell.node.querySelector<HTMLElement>(":scope > .nbflow-badge");
      const shown = state?.word ? this.sign(state) : wrong(problems, this.trans);
      if (shown === null) {
        badge?.remove();
        delete cell.node.dataset.nbflow;
        continue;
      }
      if (badge === null) cell.node.append((badge = element("div", "")));
      cell.node.dataset.nbflow = shown.look;
      paint(badge, shown);
    }
  }

  private sign({ look, icon, word, done, story, reasons }: State): Sign {
    const say = (text: Text) => worded(text, (words, ...values) => this.trans.__(words, ...values));
    return { look, icon, done, word: this.trans.__(word), story: say(story), reasons: reasons.map(say) };
  }
}

/** How a cell stands that is no step, but has problems. */
function wrong(problems: Problem[], trans: TranslationBundle): Sign | null {
  if (problems.length === 0) return null;
  const [look, word] = problems.some(({ severity }) => severity === "error")
    ? ["blocked", trans.__("problem")]
    : ["stale", trans.__("warning")];
  const reasons = problems.flatMap(({ message, remedy }) => [message, remedy].filter(Boolean));
  return { look, word, icon: WARNING, story: "", done: null, reasons };
}

const painted = new WeakMap<HTMLElement, string>();

function paint(badge: HTMLElement, state: Sign): void {
  const { reasons } = state;
  const told = JSON.stringify(state);
  if (painted.get(badge) === told) return;
  painted.set(badge, told);
  const word = state.done === null ? state.word : `${Math.floor(100 * state.done)} %`;
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", state.icon);
  svg.append(path);
  badge.className = `nbflow-badge ${state.look}`;
  const story = [state.word, state.story].filter(Boolean).join(" · ");
  badge.title = [story, ...reasons.filter((reason) => reason !== state.story)].join("\n");
  badge.setAttribute("role", "note");
  badge.setAttribute("aria-label", badge.title);
  badge.replaceChildren(svg, element("span", "", word));
}
