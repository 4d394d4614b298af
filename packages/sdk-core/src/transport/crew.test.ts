import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { createScrypt } from "../lib/scrypt.ts";
import { searchInWorkers } from "./crew.ts";
import type { CrewGlobals } from "./crew.ts";

const derive = createScrypt({ N: 16, r: 8 });
const nonce = new Uint8Array([1, 2, 3]);
const salt = new Uint8Array([4]);
const answer = 13;
const password = new Uint8Array([...nonce, 0, 0, 0, answer]);
const share = { N: 16, r: 8, nonce, salt, keyLength: 32, keyPrefix: derive(password, salt, 32).subarray(0, 8), most: 100 };

/** Workers that run the text that they are made from in a world of its own, one turn later. */
function createWorkerWorld(cores: number) {
  const texts = new Map<string, string>();
  const seen = { made: 0, terminated: 0, revoked: 0, shares: [] as unknown[] };
  class FakeBlob {
    readonly text: string;
    constructor(parts: readonly string[]) {
      this.text = parts.join("");
    }
  }
  class FakeWorker {
    readonly #listeners: ((event: { readonly data: unknown }) => void)[] = [];
    readonly #text: string;
    constructor(url: string) {
      seen.made++;
      this.#text = texts.get(url) ?? "";
    }
    addEventListener(kind: string, listener: (event: { readonly data: unknown }) => void): void {
      if (kind === "message") this.#listeners.push(listener);
    }
    postMessage(data: unknown): void {
      seen.shares.push(data);
      const world = { postMessage: (found: unknown) => this.#listeners.forEach((listener) => listener({ data: found })), data };
      queueMicrotask(() => void runInNewContext(`${this.#text};onmessage({data})`, world));
    }
    terminate(): void {
      seen.terminated++;
    }
  }
  const globals = {
    Worker: FakeWorker,
    Blob: FakeBlob,
    URL: { createObjectURL: (blob: FakeBlob) => (texts.set("blob:1", blob.text), "blob:1"), revokeObjectURL: () => void seen.revoked++ },
    navigator: { hardwareConcurrency: cores },
  } as unknown as CrewGlobals;
  return { globals, seen };
}

test("each core gets its share of the counters, and the first to find ends the work of all", async () => {
  const { globals, seen } = createWorkerWorld(4);
  expect((await searchInWorkers(share, globals))?.counter).toBe(answer);
  expect(seen).toMatchObject({ made: 4, terminated: 4, revoked: 1 });
  expect(seen.shares).toMatchObject([0, 1, 2, 3].map((first) => ({ first, step: 4 })));
});

test("where there is nothing to find, that is known when every worker has said so", async () => {
  const { globals, seen } = createWorkerWorld(64);
  expect(await searchInWorkers({ ...share, most: answer }, globals)).toBeNull();
  expect(seen.terminated).toBe(8);
});

test("a page that may make no workers is told so, and none is left", async () => {
  expect(await searchInWorkers(share, {})).toBeUndefined();
  const { globals } = createWorkerWorld(2);
  const refusing = {
    ...globals,
    Worker: function refuse() {
      throw new DOMException("Refused by the content security policy.", "SecurityError");
    },
  } as unknown as CrewGlobals;
  expect(await searchInWorkers(share, refusing)).toBeUndefined();
});
