// The way to the kernel: requests go out on the control channel, which answers while a cell blocks;
// one comm, which the kernel has for all pages, comes in.

import { ISessionContext } from "@jupyterlab/apputils";
import { CommsOverSubshells, Kernel, KernelMessage } from "@jupyterlab/services";
import { Signal } from "@lumino/signaling";
import { Message, read, Request, REQUEST, TARGET } from "./protocol.js";

/** Milliseconds for an answer: a page that was reloaded beside a busy kernel gets it after three
    seconds, for JupyterLab itself waits that long. */
const PATIENCE = 6000;

type Reply = { status: string; comm_id?: string; message?: string; cancelled?: boolean };

/** One notebook's kernel, as far as it has nbflow. */
export class KernelLink {
  /** The kernel with nbflow has come, or gone. */
  readonly changed = new Signal<this, void>(this);
  readonly heard = new Signal<this, Message>(this);
  private comm: Kernel.IComm | null = null;
  /** The one that was adopted last: it outlives a connection that breaks. */
  private last: Kernel.IComm | null = null;
  private opening = 0;
  private again = false;

  /** ``expects``: whether the notebook says anything of nbflow; else its kernel is asked nothing. */
  constructor(
    private context: ISessionContext,
    private expects: () => boolean,
  ) {
    context.kernelChanged.connect(this.open, this);
    context.connectionStatusChanged.connect(this.open, this);
    context.statusChanged.connect(this.onStatus, this);
    context.iopubMessage.connect(this.onMessage, this);
    void this.open();
  }

  get isLive(): boolean {
    return this.comm !== null && !this.comm.isDisposed;
  }

  dispose(): void {
    this.leave();
    Signal.clearData(this);
  }

  /** Ask the kernel; null where there is none, or where it does not answer. */
  async request(request: Request, patience = PATIENCE): Promise<Reply | null> {
    const kernel = this.context.session?.kernel;
    if (!kernel || kernel.isDisposed || kernel.connectionStatus !== "connected") return null;
    const message = KernelMessage.createMessage({
      channel: "control",
      // A type of our own, which no list of types has.
      msgType: REQUEST as any,
      session: kernel.clientId,
      username: kernel.username,
      content: request as any,
    }) as unknown as KernelMessage.IControlMessage;
    try {
      const future = kernel.sendControlMessage(message as any, true);
      let late = 0;
      const never = new Promise<null>((resolve) => {
        late = window.setTimeout(() => resolve(null), patience);
      });
      const reply = await Promise.race([future.done, never]);
      window.clearTimeout(late);
      if (reply === null) future.dispose();
      return reply === null ? null : (reply.content as unknown as Reply);
    } catch {
      return null; // it went while it was asked
    }
  }

  /** Find out whether the kernel has nbflow, whenever it might have become another one. */
  async open(): Promise<void> {
    const kernel = this.context.session?.kernel;
    if (!kernel || kernel.connectionStatus !== "connected") return this.leave();
    if (!this.expects()) return;
    const attempt = ++this.opening;
    const reply = await this.request({ op: "hello" });
    if (attempt !== this.opening || kernel.isDisposed) return;
    if (reply?.status === "ok" && reply.comm_id) {
      const known = this.last?.commId === reply.comm_id && !this.last.isDisposed;
      if (this.isLive && known) this.changed.emit();
      else if (known) this.adopt(this.last!);
      else if (!kernel.hasComm(reply.comm_id)) this.adopt(kernel.createComm(TARGET, reply.comm_id));
    } else {
      // Too busy to answer, perhaps: asked once more when it has time.
      this.again = reply === null && kernel.status === "busy";
      this.leave();
    }
  }

  private adopt(comm: Kernel.IComm): void {
    // At once: otherwise JupyterLab starts a thread in the kernel for each page.
    comm.commsOverSubshells = CommsOverSubshells.Disabled;
    this.opening++; // whoever still waits for an answer need not
    this.comm = this.last = comm;
    comm.onMsg = (message) => {
      const told = read(message.content.data);
      if (told && comm === this.comm) this.heard.emit(told);
    };
    comm.onClose = () => {
      if (comm === this.comm) this.leave();
    };
    this.changed.emit();
  }

  private leave(): void {
    if (this.comm !== null) {
      this.comm = null;
      this.changed.emit();
    }
  }

  /** `%load_ext nbflow` announces itself to all pages, by a message of a comm that none has yet. */
  private onMessage({ session }: ISessionContext, message: KernelMessage.IMessage): void {
    if (!KernelMessage.isCommMsgMsg(message) || !session?.kernel) return;
    const { comm_id, data } = message.content;
    if (!comm_id.startsWith(TARGET) || session.kernel.hasComm(comm_id)) return;
    if (read(data)?.kind === "hello") this.adopt(session.kernel.createComm(TARGET, comm_id));
  }

  private onStatus(_: ISessionContext, status: Kernel.Status): void {
    if (["restarting", "autorestarting", "dead", "terminating"].includes(status)) this.leave();
    if (status === "idle" && this.again) {
      this.again = false;
      void this.open();
    }
  }
}
