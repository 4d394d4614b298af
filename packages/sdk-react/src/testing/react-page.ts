import { act, cleanup } from "@testing-library/react";
import { afterEach } from "vitest";

// React asks for this word before it lets `act` flush effects; the library says it by itself only where Vitest's globals are on.
Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
afterEach(cleanup);

/** Does something to the page and waits until React has drawn all that follows from it, promises included. */
export async function acting<T>(run: () => T): Promise<Awaited<T>> {
  let result: Awaited<T> | undefined;
  await act(async () => {
    result = await run();
  });
  return result as Awaited<T>;
}
