// The wait for a kernel that has loaded nbflow to say so.

/** Milliseconds until it has said so; between two questions; and between two looks. */
const LONGEST = 15_000;
const ASKS = 1000;
const LOOKS = 50;

/** What says whether the kernel has nbflow, and asks it. */
export interface Word {
  readonly isLive: boolean;
  open(): Promise<void>;
}

/** Whether the kernel says so in time: it tells all pages of itself; or has done so before this one was
    there, and is asked. */
export async function said(link: Word): Promise<boolean> {
  const until = Date.now() + LONGEST;
  while (!link.isLive && Date.now() < until) {
    for (let waited = 0; waited < ASKS && !link.isLive; waited += LOOKS)
      await new Promise((resolve) => setTimeout(resolve, LOOKS));
    if (!link.isLive) await link.open();
  }
  return link.isLive;
}
