import { ignore } from "./ignore.ts";

/** Runs asynchronous tasks one after the other, in the order of arrival; a failed task does not stop the next. */
export type Mailbox = <T>(task: () => T | Promise<T>) => Promise<T>;

/** Never post from inside a task and await it there: the task would wait for itself. */
export function createMailbox(): Mailbox {
  let tail: Promise<unknown> = Promise.resolve();
  return (task) => {
    const run = tail.then(task);
    tail = run.catch(() => {
      ignore("the caller of this task has the rejection");
    });
    return run;
  };
}
