import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createFanfareServer } from "./app.ts";
import type { Database } from "./data/database.ts";
import { openTestDatabase } from "./data/testing/open-test-database.ts";
import { readConfig } from "./platform/config.ts";
import { createLog } from "./platform/log.ts";

/** A database that notices what is asked of it after its end, and can refuse one kind of statement. */
function watch(db: Database, refused: () => string | null) {
  const seen = { closed: 0, underWay: 0, underWayAtClose: 0, afterClose: 0 };
  let isOpen = true;
  const through: Database = {
    ...db,
    run: async (statement, parameters) => {
      if (!isOpen) seen.afterClose++;
      const word = refused();
      if (word !== null && statement.includes(word)) throw new Error(`Refused for ${word}.`);
      seen.underWay++;
      try {
        return await db.run(statement, parameters);
      } finally {
        seen.underWay--;
      }
    },
    close: async () => {
      seen.closed++;
      seen.underWayAtClose += seen.underWay;
      isOpen = false;
    },
  };
  return { seen, open: async () => ((isOpen = true), through) };
}

async function withService(
  act: (made: {
    server: ReturnType<typeof createFanfareServer>;
    seen: ReturnType<typeof watch>["seen"];
    refuse: (word: string | null) => void;
  }) => Promise<void>,
) {
  const database = await openTestDatabase();
  const dataDirectory = await mkdtemp(join(tmpdir(), "fanfare-app-"));
  let refused: string | null = null;
  const { seen, open } = watch(database.db, () => refused);
  const config = readConfig({ CONSUMER_PORT: "0", ADMIN_PORT: "0", FANFARE_DATA_DIR: dataDirectory });
  const server = createFanfareServer(config, { log: createLog("silent"), openDatabase: open });
  try {
    await act({ server, seen, refuse: (word) => void (refused = word) });
  } finally {
    await server.stop();
    await database.close();
    await rm(dataDirectory, { recursive: true, force: true });
  }
}

const answers = async (url: string): Promise<number> => (await fetch(`${url}/healthz`)).status;

test.each(["revoked_at", "signing_key", "next_ticket - 1"])("a start that fails at %s leaves nothing behind, and the next one succeeds", async (word) => {
  await withService(async ({ server, seen, refuse }) => {
    refuse(word);
    await expect(server.start()).rejects.toThrow(`Refused for ${word}`);
    expect(seen).toMatchObject({ closed: 1, underWayAtClose: 0 });
    refuse(null);
    const { consumerUrl } = await server.start();
    expect(await answers(consumerUrl)).toBe(200);
    await server.stop();
    expect(seen).toMatchObject({ closed: 2, underWayAtClose: 0, afterClose: 0 });
    await expect(answers(consumerUrl)).rejects.toThrow();
  });
});

test("a service that is stopped while it starts has stopped afterwards, and can be started again", async () => {
  await withService(async ({ server, seen }) => {
    const starting = server.start();
    await server.stop();
    const { consumerUrl } = await starting;
    await expect(answers(consumerUrl)).rejects.toThrow();
    expect(seen).toMatchObject({ closed: 1, underWayAtClose: 0 });
    const again = await server.start();
    expect(await answers(again.consumerUrl)).toBe(200);
    await expect(server.start()).rejects.toThrow("started already");
    await Promise.all([server.stop(), server.stop()]);
    expect(seen).toMatchObject({ closed: 2, underWayAtClose: 0, afterClose: 0 });
  });
});
