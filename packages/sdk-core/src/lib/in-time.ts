import type { Clock } from "./clock.ts";

const lastLookMs = 50;

/** What a task resolves with; null where it fails, or has not come in time. */
export async function inTime<T>(clock: Pick<Clock, "setTimeout">, ms: number, task: Promise<T>): Promise<T | null> {
  let cancel = (): void => {};
  const late = new Promise<null>((resolve) => {
    cancel = clock.setTimeout(() => {
      // A page that was frozen meanwhile has not waited: the answer may lie right behind this timer.
      cancel = clock.setTimeout(() => resolve(null), lastLookMs);
    }, ms);
  });
  const outcome = await Promise.race([task.catch(() => null), late]);
  cancel();
  return outcome;
}
