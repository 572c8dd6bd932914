// The field in which the steps to look for are named.

import { TranslationBundle } from "@jupyterlab/translation";
import { element } from "./page.js";

interface Answers {
  found(text: string): void;
  chosen(): void;
  closed(): void;
}

export class Finder {
  readonly node = element("div", "nbflow-finder");
  private field = document.createElement("input");
  private count = element("span", "nbflow-count");

  constructor(
    private trans: TranslationBundle,
    private answers: Answers,
  ) {
    this.field.type = "search";
    this.field.placeholder = trans.__("Names or statuses: train stale");
    this.field.setAttribute("aria-label", trans.__("Find steps"));
    this.field.oninput = () => answers.found(this.text);
    this.field.onkeydown = (event) => {
      if (event.key === "Enter") answers.chosen();
      else if (event.key === "Escape") this.close();
      else return;
      event.preventDefault();
    };
    this.count.setAttribute("role", "status");
    const close = element("button", "nbflow-close", "×");
    close.setAttribute("aria-label", trans.__("Show all steps"));
    close.onclick = () => this.close();
    this.node.append(this.field, this.count, close);
    // The keys of the panel are letters here.
    this.node.dataset.lmSuppressShortcuts = "true";
    this.node.hidden = true;
  }

  get isOpen(): boolean {
    return !this.node.hidden;
  }

  /** What is looked for; empty while nothing is. */
  get text(): string {
    return this.isOpen ? this.field.value.trim() : "";
  }

  open(): void {
    this.node.hidden = false;
    this.field.focus();
    this.field.select();
    this.answers.found(this.text);
  }

  tell(count: number): void {
    this.count.textContent = this.text ? this.trans._n("%1 step", "%1 steps", count) : "";
  }

  private close(): void {
    this.node.hidden = true;
    this.answers.found("");
    this.answers.closed();
  }
}
