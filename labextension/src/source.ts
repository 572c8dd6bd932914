// One notebook and its flow: keeps the model to the document on the screen, by the kernel where that
// has nbflow, else by the server; while nobody looks, it asks nobody.

import { ISharedCell } from "@jupyter/ydoc";
import { NotebookPanel } from "@jupyterlab/notebook";
import { TranslationBundle } from "@jupyterlab/translation";
import { IDisposable } from "@lumino/disposable";
import { IMessageHandler, Message, MessageLoop } from "@lumino/messaging";
import { Signal } from "@lumino/signaling";
import { Widget } from "@lumino/widgets";
import { KernelLink } from "./link.js";
import { FlowModel } from "./model.js";
import { Act, Answer, concerns, DocumentCell, Message as Told, Request } from "./protocol.js";
import { FlowServer } from "./server.js";
import { said } from "./waiting.js";

/** Milliseconds of silence in the document before it is told; and the longest without telling. */
const PAUSE = 150;
const LONGEST = 1000;
/** For an answer; a run may take days. */
const PATIENCE = 30_000;
/** Between two looks at whether a kernel is there still, and has told nothing that was lost on the way. */
const BEAT = 5000;
/** Between two looks at whether another process has written to the store, where there is no kernel;
    the longer a whole answer takes, the fewer there are. One that runs the flow may have died: every
    so many looks are thorough. */
const GLANCE = 2500;
const SHARE = 5;
const CARE = 4;
const DAYS = 2 ** 31 - 1;

export class FlowSource implements IDisposable {
  readonly model: FlowModel;
  readonly disposed = new Signal<this, void>(this);
  private link: KernelLink;
  private watchers = new Set<Widget>();
  private timer = 0;
  private since = 0;
  private told = "";
  private isConcerned: boolean | null = null;
  private asking = 0;
  private awake = false;
  private stamp = "";
  private took = 0;
  private glances = 0;
  private glancing = 0;
  /** The kernel that was there last; and how often it had told something when that was looked at. */
  private kernel: string | null = null;
  private due = 0;

  constructor(
    readonly notebook: NotebookPanel,
    private server: FlowServer,
    private trans: TranslationBundle,
  ) {
    this.model = new FlowModel((text, ...values) => trans.__(text, ...values));
    this.link = new KernelLink(notebook.sessionContext, () => this.watching);
    this.link.changed.connect(this.onLink, this);
    this.link.ended.connect(() => this.model.restart());
    this.link.heard.connect((_, message) => this.onHeard(message));
    const { context } = notebook;
    context.model.contentChanged.connect(this.onChanged, this);
    context.saveState.connect(this.onSaved, this);
    context.pathChanged.connect(this.tellAgain, this);
    notebook.disposed.connect(() => this.dispose());
    this.watch(notebook);
    this.glanceLater = this.glanceLater.bind(this);
    document.addEventListener("visibilitychange", this.glanceLater);
    void context.ready.then(() => this.look());
  }

  get isDisposed(): boolean {
    return this.timer === -1;
  }

  dispose(): void {
    if (this.isDisposed) return;
    window.clearTimeout(this.timer);
    window.clearTimeout(this.glancing);
    document.removeEventListener("visibilitychange", this.glanceLater);
    if (this.link.isLive) void this.link.request({ op: "bye" });
    this.timer = -1;
    this.link.dispose();
    this.disposed.emit();
    Signal.clearData(this);
  }

  get path(): string {
    return this.notebook.context.localPath;
  }

  get isLive(): boolean {
    return this.link.isLive;
  }

  /** Whether there is a kernel, with nbflow or without. */
  get hasKernel(): boolean {
    return Boolean(this.notebook.sessionContext.session?.kernel);
  }

  /** The document as it is on the screen. */
  cells(): DocumentCell[] {
    return this.notebook.context.model.sharedModel.cells.map(told);
  }

  /** One cell of it. */
  cell(id: string): DocumentCell | undefined {
    const { cells } = this.notebook.context.model.sharedModel;
    const cell = cells.find((each) => each.getId() === id);
    return cell && told(cell);
  }

  /** Let a widget be one that shows this flow: while none of them is visible, nothing is done. */
  watch(widget: Widget): void {
    this.watchers.add(widget);
    const hook = (_: IMessageHandler, message: Message): boolean => {
      if (/^(after-(show|attach)|before-(hide|detach))$/.test(message.type))
        window.setTimeout(() => this.look()); // when that has been done
      return true;
    };
    MessageLoop.installMessageHook(widget, hook);
    widget.disposed.connect(() => {
      this.watchers.delete(widget);
      this.look();
    });
    this.look();
  }

  /** Whether somebody sees the flow: a panel, or a notebook that has one. */
  get watching(): boolean {
    if (this.isDisposed || !this.notebook.context.isReady) return false;
    const visible = [...this.watchers].filter((widget) => widget.isVisible);
    return visible.some((widget) => widget !== this.notebook) || (visible.length > 0 && this.concerned);
  }

  /** All about one step, from whoever knows. */
  async details(cell: string): Promise<Answer> {
    if (this.isLive) return this.ask((id) => ({ op: "details", id, cell }), PATIENCE);
    return this.server.details(this.path, this.cells(), cell).catch(failed);
  }

  /** What the values of a step look like: only where there is a kernel, which has a worker show them. */
  async previews(cell: string): Promise<Answer> {
    if (!this.isLive) return {};
    return this.ask((id) => ({ op: "previews", id, cell }), PATIENCE);
  }

  /** What a step put out, or has put out so far; ``seen``: the stamp of what is known of it. */
  async logs(cell: string, seen: string): Promise<Answer> {
    if (this.isLive) return this.ask((id) => ({ op: "logs", id, cell, seen }), PATIENCE);
    return this.server.logs(this.path, this.cells(), cell, seen).catch(failed);
  }

  /** The graph as a picture, in SVG. */
  async picture(): Promise<Answer> {
    if (this.isLive) return this.ask((id) => ({ op: "picture", id }), PATIENCE);
    return this.server.picture(this.path, this.cells()).catch(failed);
  }

  /** Have the kernel do something with steps, all of them where none is named. */
  async act(act: Act, cells: string[], note = ""): Promise<Answer> {
    const missing = await this.load();
    if (missing !== null) return missing;
    this.tell(); // what was typed just now is to be run
    return this.ask((id) => ({ op: act, id, cells, note }), DAYS);
  }

  /** End the run in progress. */
  async cancel(): Promise<void> {
    if (!this.isLive) return;
    const reply = await this.link.request({ op: "cancel" });
    // One that was restarted meanwhile has nothing to end.
    if (reply === null && this.isLive) this.model.say(this.trans.__("The kernel does not answer: interrupt it."));
  }

  /** See to it that the kernel has nbflow; where it cannot have it, why. */
  async load(): Promise<Answer | null> {
    if (this.isLive) return null;
    const { trans } = this;
    const { sessionContext } = this.notebook;
    await sessionContext.ready;
    const kernel = sessionContext.session?.kernel;
    if (!kernel)
      return { error: trans.__("The notebook has no kernel."), remedy: trans.__("Choose one in the menu Kernel.") };
    const code = "%load_ext nbflow";
    const reply = await kernel.requestExecute({ code, store_history: false }).done.catch(() => null);
    if (reply === null) return { error: trans.__("The kernel has gone.") };
    const { content } = reply;
    if (content.status !== "ok") {
      const what = "ename" in content ? `${content.ename}: ${content.evalue}` : content.status;
      const error = trans.__("The kernel cannot load nbflow. %1", what);
      return { error, remedy: trans.__("Install it where this kernel runs.") };
    }
    if (await said(this.link)) return null;
    return { error: trans.__("The kernel has nbflow, but does not answer."), remedy: trans.__("Restart it.") };
  }

  /** Whether the notebook has anything to do with nbflow; looked at once for each of its texts. */
  private get concerned(): boolean {
    return (this.isConcerned ??= this.notebook.context.model.sharedModel.cells.some(
      (cell) => cell.cell_type === "code" && concerns(told(cell)),
    ));
  }

  private async ask(request: (id: string) => Request, patience: number): Promise<Answer> {
    const [id, answer] = this.model.ask(patience);
    const reply = await this.link.request(request(id));
    if (reply === null) return { error: this.trans.__("The kernel does not answer.") };
    if (reply.status !== "ok") return { error: reply.message ?? this.trans.__("The kernel knows no such request.") };
    return answer;
  }

  private look(): void {
    const { watching } = this;
    if (watching === this.awake) return;
    this.awake = watching;
    this.glanceLater();
    if (watching) {
      this.told = "";
      this.tell();
      if (!this.isLive) void this.link.open();
    } else if (this.isLive) void this.link.request({ op: "bye" });
  }

  private onChanged(): void {
    this.isConcerned = null;
    const now = Date.now();
    this.since ||= now;
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.tell(), Math.min(PAUSE, this.since + LONGEST - now));
  }

  private onSaved(_: unknown, state: string): void {
    // What is imported or read may be other than before: only a look can tell.
    if (state.startsWith("completed") && !this.isLive) this.tellAgain();
  }

  private onLink(): void {
    const { kernel } = this.link;
    // What one was asked for goes on, though it is out of reach for a moment.
    if (kernel !== null && kernel !== this.kernel) this.model.restart();
    this.kernel = kernel ?? this.kernel;
    this.due = 0;
    if (!this.isLive) this.model.link = "asking";
    this.tellAgain();
    this.glanceLater();
  }

  private onHeard(message: Told): void {
    this.model.apply(message);
    if (message.kind !== "flow") return;
    if (this.model.link === "lost") this.model.say("");
    this.model.link = "live";
  }

  /** Look soon whether what is shown is the truth still. */
  private glanceLater(): void {
    window.clearTimeout(this.glancing);
    if (!this.awake || this.isDisposed || document.hidden) return;
    const pause = this.isLive ? BEAT : Math.max(GLANCE, SHARE * this.took);
    this.glancing = window.setTimeout(() => {
      void (this.isLive ? this.check() : this.glance()).then(() => this.glanceLater());
    }, pause);
  }

  /** Whether another process has run the flow, by the server; a kernel sees that by itself. */
  private async glance(): Promise<void> {
    const stamp = await this.server.stamp(this.path).catch(() => null);
    if (!this.awake || this.isLive || stamp === null) return;
    const isDue = this.model.elsewhere && ++this.glances % CARE === 0;
    // One that did not answer before does so now.
    if (stamp !== this.stamp || isDue || this.model.link === "lost") this.tellAgain();
  }

  /** Whether all has come that the kernel has told: of too many outputs Jupyter leaves some out. */
  private async check(): Promise<void> {
    const rev = await this.link.check();
    if (!this.awake || !this.isLive || rev === null) return;
    if (this.model.link !== "live" || this.due > this.model.heard) this.tellAgain();
    this.due = rev; // it may be on its way
  }

  private tellAgain(): void {
    this.told = "";
    this.tell();
  }

  /** Tell the document as it is now, unless that is known. */
  private tell(): void {
    window.clearTimeout(this.timer);
    this.since = 0;
    if (this.isDisposed) return;
    if (!this.awake) return this.look(); // the first mark of this notebook, perhaps
    const { path } = this;
    const cells = this.cells();
    const told = JSON.stringify([path, cells]);
    if (told === this.told) return;
    this.told = told;
    const asked = ++this.asking;
    if (this.isLive) {
      void this.link.request({ op: "cells", path, cells });
      return;
    }
    const begun = performance.now();
    this.server.flow(path, cells).then(
      (flow) => {
        if (asked !== this.asking || this.isLive) return;
        this.took = performance.now() - begun;
        this.stamp = flow.stamp ?? "";
        if (this.model.link === "lost") this.model.say("");
        this.model.show(flow);
        this.model.link = "saved";
      },
      (error) => {
        if (asked !== this.asking || this.isLive) return;
        this.model.link = "lost";
        this.model.say(failed(error).error!);
      },
    );
  }
}

/** A cell as it is on the screen. */
function told(cell: ISharedCell): DocumentCell {
  const metadata = cell.getMetadata() as Record<string, any>;
  const tags = Array.isArray(metadata.tags) ? metadata.tags.map(String) : [];
  const { nbflow = null } = metadata;
  const collapsed = metadata["jp-MarkdownHeadingCollapsed"] === true;
  return { id: cell.getId(), cell_type: cell.cell_type, source: cell.getSource(), tags, nbflow, collapsed };
}

function failed(error: unknown): Answer {
  return { error: error instanceof Error ? error.message : String(error) };
}
