import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { DrawWins, EnterDrawAnswer, PublicDraw } from "@fanfare-io/fanfare-contract";
import { readResult, verifyReceipt, verifyTranscript } from "@fanfare-io/fanfare-draw-proof";
import type { Receipt, Transcript } from "@fanfare-io/fanfare-draw-proof";
import { arrive, call, createLaunch, startService } from "@fanfare-io/fanfare-testing";
import type { RunningService, Shopper, TestLaunch } from "@fanfare-io/fanfare-testing";
import { expect, test } from "vitest";
import { createOwnDatabase } from "./database.ts";

const shoppers = 300;
const together = 20;
const winnerCount = 40;
const kills = 8;

const operate = <Body>(service: RunningService, launch: TestLaunch, method: string, path: string, json?: unknown): Promise<Body> =>
  call<Body>(method, `${service.adminUrl}${path}`, { authorization: `Bearer ${launch.secretKey}` }, json);
const read = <Body>(service: RunningService, launch: TestLaunch, path: string): Promise<Body> =>
  call<Body>("GET", `${service.consumerUrl}${path}`, { "x-publishable-key": launch.publishableKey });

async function enter(service: RunningService, launch: TestLaunch, shopper: Shopper): Promise<Receipt> {
  const headers = { "x-publishable-key": launch.publishableKey, authorization: `Bearer ${shopper.accessToken}` };
  const { receipt } = await call<EnterDrawAnswer>("POST", `${service.consumerUrl}/draws/draw_fair/enter`, headers);
  if (receipt === undefined) throw new Error("An entry without its receipt.");
  return receipt as unknown as Receipt;
}

test.each(["PGlite", "PostgreSQL"])("a service killed again and again while it draws keeps every entry and publishes one result, on %s", async (database) => {
  const dataDir = await mkdtemp(joinPath(tmpdir(), "fanfare-killed-draw-"));
  const own = database === "PostgreSQL" ? await createOwnDatabase() : undefined;
  const options = { dataDir, ...(own === undefined ? {} : { databaseUrl: own.url }) };
  let service = await startService(options);
  try {
    const launch = await createLaunch(service.adminUrl, service.operatorKey);
    await operate(service, launch, "POST", "/sequences", { id: "seq_draw", experienceId: launch.experienceId, name: "Draw" });
    const draw = { id: "draw_fair", sequenceId: "seq_draw", name: "Draw", drawAt: "2999-01-01T00:00:00.000Z", winnerCount };
    await operate(service, launch, "POST", "/draws", draw);
    const held: { readonly consumerId: string; readonly receipt: Receipt }[] = [];
    const comeIn = async (): Promise<void> => {
      const shopper = await arrive(service.consumerUrl, launch);
      held.push({ consumerId: shopper.consumerId, receipt: await enter(service, launch, shopper) });
    };
    // In groups: a machine that does other things as well would turn some of so many at once away.
    for (let group = 0; group < shoppers; group += together) await Promise.all(Array.from({ length: together }, comeIn));
    const { ports } = service;
    await service.kill();
    service = await startService({ ...options, ports });
    await operate(service, launch, "POST", "/draws/draw_fair/draw", { confirm: "draw_fair" });

    const told = new Set<string>();
    const roots = new Set<string>();
    for (let kill = 0; kill < kills; kill++) {
      // Later with each life: through closing, root, result and grants.
      await pause(40 * kill);
      await service.kill();
      service = await startService({ ...options, ports });
      const seen = await read<PublicDraw>(service, launch, "/draws/draw_fair");
      if (seen.root !== null) roots.add(seen.root);
      if (seen.drawnAt !== null) told.add((await read<Transcript>(service, launch, "/draws/draw_fair/transcript")).result?.text ?? "");
    }
    const wins = () => operate<DrawWins>(service, launch, "GET", "/draws/draw_fair/wins");
    await expect.poll(async () => (await wins()).data.length, { timeout: 30_000 }).toBe(winnerCount);
    // The operator's list is read from the rows; what everybody sees may be half a second older.
    await expect.poll(async () => (await read<PublicDraw>(service, launch, "/draws/draw_fair")).drawnAt).not.toBeNull();

    const transcript = await read<Transcript>(service, launch, "/draws/draw_fair/transcript");
    told.add(transcript.result?.text ?? "");
    roots.add((await read<PublicDraw>(service, launch, "/draws/draw_fair")).root ?? "");
    expect({ results: told.size, roots: roots.size }).toEqual({ results: 1, roots: 1 });
    expect(verifyTranscript(transcript).checks.filter(({ holds }) => holds !== true)).toEqual([]);
    for (const { consumerId, receipt } of held) {
      expect(verifyReceipt(receipt, consumerId)).toBe(true);
      expect(transcript.entries[receipt.ticket - 1]).toBe(receipt.entry);
    }
    expect(transcript.entries).toHaveLength(shoppers);
    const result = readResult(transcript.result?.text ?? "");
    expect(new Set((await wins()).data.map(({ ticket }) => ticket))).toEqual(new Set(result?.winners));
  } finally {
    await service.kill();
    await own?.drop();
    await rm(dataDir, { recursive: true, force: true });
  }
});
