// The way to the kernel: requests go out on the control channel, which answers while a cell blocks;
// what the kernel tells all pages comes in as messages of one comm.

import { ISessionContext } from "@jupyterlab/apputils";
import { Kernel, KernelMessage } from "@jupyterlab/services";
import { Signal } from "@lumino/signaling";
import { Contact, Hello, inTime } from "./contact.js";
import { Message, read, Request, REQUEST, TARGET } from "./protocol.js";

/** Milliseconds for an answer: a page that was reloaded beside a busy kernel gets it after three
    seconds, for JupyterLab itself waits that long. */
const PATIENCE = 6000;
/** What a kernel is on its way out with; and how one that is new, perhaps to us, begins. */
const GOES = ["restarting", "autorestarting", "dead", "terminating"];
const BEGINS = "starting";

type Reply = { status: string; comm_id?: string; rev?: number; message?: string; cancelled?: boolean };
type Future = Kernel.IControlFuture<KernelMessage.IControlMessage, KernelMessage.IControlMessage>;

/** One notebook's kernel, as far as it has nbflow. */
export class KernelLink {
  /** The kernel with nbflow has come, or gone out of reach, or is to be told all anew. */
  readonly changed = new Signal<this, void>(this);
  /** It has ended, and with it all that it was asked for. */
  readonly ended = new Signal<this, void>(this);
  readonly heard = new Signal<this, Message>(this);
  private contact = new Contact(
    () => this.hello(),
    () => this.changed.emit(),
    PATIENCE,
  );
  private asked: Future | null = null;
  /** Two views of one notebook share their connection with the kernel. */
  private page = Math.random().toString(36).slice(2);

  /** ``expects``: whether the notebook says anything of nbflow; else its kernel is asked nothing. */
  constructor(
    private context: ISessionContext,
    private expects: () => boolean,
  ) {
    context.kernelChanged.connect(this.onKernel, this);
    context.connectionStatusChanged.connect(this.open, this);
    context.statusChanged.connect(this.onStatus, this);
    // No comm of JupyterLab's: it has room for one listener, and starts a thread in the kernel for each.
    context.iopubMessage.connect(this.onMessage, this);
    void this.open();
  }

  /** What names the kernel, for as long as it lives; null where none with nbflow is in reach. */
  get kernel(): string | null {
    return this.contact.comm;
  }

  get isLive(): boolean {
    return this.kernel !== null;
  }

  dispose(): void {
    this.asked?.dispose();
    Signal.clearData(this);
  }

  /** Ask the kernel; null where there is none, or where it does not answer. */
  async request(request: Request): Promise<Reply | null> {
    const future = this.send(request);
    if (future === null) return null;
    const reply = await inTime(answerOf(future), PATIENCE);
    future.dispose();
    return reply;
  }

  /** Find out whether the kernel has nbflow, whenever it might have become another one. */
  async open(): Promise<void> {
    if (!this.isConnected) return this.contact.gone();
    if (this.expects()) await this.contact.open();
  }

  /** Look whether it is the same kernel still; how often it has told something, null where it does not say. */
  async check(): Promise<number | null> {
    return this.isConnected ? this.contact.check() : null;
  }

  private get isConnected(): boolean {
    const kernel = this.context.session?.kernel;
    return kernel?.connectionStatus === "connected" && !kernel.isDisposed;
  }

  private send(request: Request): Future | null {
    const kernel = this.context.session?.kernel;
    if (!kernel || !this.isConnected) return null;
    const message = KernelMessage.createMessage({
      channel: "control",
      // A type of our own, which no list of types has.
      msgType: REQUEST as any,
      session: kernel.clientId,
      username: kernel.username,
      content: { page: this.page, ...request } as any,
    });
    try {
      return kernel.sendControlMessage(message as any, true);
    } catch {
      return null; // it is dead
    }
  }

  private async hello(): Promise<Hello | null> {
    // One question at a time: a kernel without nbflow never answers.
    this.asked?.dispose();
    const future = (this.asked = this.send({ op: "hello" }));
    const reply = future && (await answerOf(future));
    if (reply?.status !== "ok" || !reply.comm_id) return null;
    return { comm: reply.comm_id, rev: reply.rev ?? 0 };
  }

  private onMessage(_: ISessionContext, message: KernelMessage.IMessage): void {
    if (KernelMessage.isCommMsgMsg(message)) {
      const { comm_id, data } = message.content;
      if (!comm_id.startsWith(TARGET)) return;
      const told = read(data);
      // `%load_ext nbflow` announces itself to all pages.
      if (told?.kind === "hello") this.contact.found(comm_id);
      else if (told !== null && comm_id === this.kernel) this.heard.emit(told);
    } else if (KernelMessage.isCommCloseMsg(message)) {
      if (message.content.comm_id === this.kernel) this.end();
    }
  }

  private onKernel(): void {
    this.end();
    void this.open();
  }

  private onStatus(_: ISessionContext, status: Kernel.Status): void {
    if (GOES.includes(status)) this.end();
    // Whoever has restarted it, in whichever page.
    else if (status === BEGINS) void this.open();
  }

  private end(): void {
    this.contact.gone();
    this.ended.emit();
  }
}

/** Null where the kernel goes while it is asked, or where nobody waits any more. */
async function answerOf(future: Future): Promise<Reply | null> {
  try {
    return (await future.done)?.content as unknown as Reply;
  } catch {
    return null;
  }
}
