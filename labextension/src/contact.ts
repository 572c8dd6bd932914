// Whether the kernel has nbflow, as far as a page knows: no JupyterLab, no page.

/** What a kernel with nbflow answers: the comm on which it tells of its flow, and how often it has. */
export interface Hello {
  comm: string;
  rev: number;
}

/** So many questions in a row without an answer make it doubtful whether it is the same kernel. */
const MISSES = 2;

export class Contact {
  private known: string | null = null;
  /** Another number whenever something was learnt: what was asked before counts no more. */
  private learnt = 0;
  private misses = 0;

  /** ``ask``: null where the kernel goes before it answers; one without nbflow never answers.
      ``patience``: milliseconds. */
  constructor(
    private ask: () => Promise<Hello | null>,
    private changed: () => void,
    private patience: number,
  ) {}

  /** The comm of the kernel that is there; null where none is known of. */
  get comm(): string | null {
    return this.known;
  }

  /** Ask, whenever the kernel might have become another one: an answer that comes late counts, too. */
  async open(): Promise<void> {
    const question = ++this.learnt;
    this.misses = 0;
    const asked = this.ask().then((hello) => {
      if (question !== this.learnt) return;
      if (hello === null) this.forget();
      else this.found(hello.comm);
    });
    await inTime(asked, this.patience);
    if (question === this.learnt) this.forget();
  }

  /** Look whether it is the same kernel still; how often it has told something, null where it does not say. */
  async check(): Promise<number | null> {
    const question = this.learnt;
    const hello = await inTime(this.ask(), this.patience);
    if (question !== this.learnt) return null;
    if (hello === null) {
      if (++this.misses >= MISSES) void this.open();
      return null;
    }
    this.misses = 0;
    if (hello.comm !== this.known) this.found(hello.comm);
    return hello.rev;
  }

  /** It has said so. */
  found(comm: string): void {
    this.learnt++;
    this.misses = 0;
    this.known = comm;
    this.changed();
  }

  /** It has gone. */
  gone(): void {
    this.learnt++;
    this.forget();
  }

  private forget(): void {
    if (this.known === null) return;
    this.known = null;
    this.changed();
  }
}

/** The answer, or null where it is not there in time. */
export async function inTime<T>(answer: Promise<T>, patience: number): Promise<T | null> {
  let late: ReturnType<typeof setTimeout> | undefined;
  const never = new Promise<null>((resolve) => {
    late = setTimeout(() => resolve(null), patience);
  });
  try {
    return await Promise.race([answer, never]);
  } finally {
    clearTimeout(late);
  }
}
