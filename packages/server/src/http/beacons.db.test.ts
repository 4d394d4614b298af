import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { readResult, verifyTranscript } from "@fanfare-io/fanfare-draw-proof";
import { beaconChains, roundTime, verifyBeacon } from "@fanfare-io/fanfare-draw-proof/beacon";
import { expect, test } from "vitest";
import { createSystemClock } from "../platform/system-clock.ts";
import { startTestService } from "../testing/start-test-service.ts";

// Round 657,413 of quicknet, as the League of Entropy published it in September 2023: the service of this test lives a minute before it, by a clock that is set forward twice.
const chain = beaconChains[0] ?? expect.fail("quicknet is known");
const published = { round: 657_413, signature: "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be41076862b98fad56e91a6b85b89cd97b" };
const beacon = { chainHash: chain.chainHash, round: published.round, at: new Date(roundTime(chain, published.round)).toISOString() };

// Nodes over a database server go by the server's clock, which nobody here can set.
test.skipIf(process.env["DB"] === "postgres")(
  "a draw under a beacon's round waits while the beacon is out of reach and says so, then is made under the real round, and everything holds",
  async () => {
    let isThere = false;
    const drand = createServer((_, response) => {
      if (isThere) response.end(JSON.stringify(published));
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => drand.listen(0, "127.0.0.1", resolve));
    const machine = createSystemClock(() => undefined);
    let shift = 0;
    const untilRound = (milliseconds: number): void => void (shift = machine.now() - Date.parse(beacon.at) + milliseconds);
    const clock = { ...machine, now: () => machine.now() - shift };
    untilRound(60_000);
    const service = await startTestService({ BEACON_URLS: `http://127.0.0.1:${(drand.address() as AddressInfo).port}` }, { clock });
    try {
      const shop = await service.createOrganization();
      const operate = (method: string, path: string, json?: unknown) =>
        service.ask("admin", method, path, { headers: { Authorization: `Bearer ${shop.secretKey}` }, ...(json === undefined ? {} : { json }) });
      const key = { "X-Publishable-Key": shop.publishableKey };
      await operate("POST", "/experiences", { id: "exp_b", name: "Launch", sequence: { id: "seq_b", name: "Everyone" } });
      const closeAt = new Date(Date.parse(beacon.at) - 20_000).toISOString();
      const drawAt = new Date(Date.parse(beacon.at) - 1_000).toISOString();
      const made = await operate("POST", "/draws", { id: "draw_b", sequenceId: "seq_b", name: "D", closeAt, drawAt, winnerCount: 2, beacon });
      expect(made).toMatchObject({ status: 201, body: { beacon, beaconWait: null } });
      for (let shopper = 0; shopper < 5; shopper++) {
        const { body } = await service.ask("consumer", "POST", "/auth/guest", { headers: key });
        const entered = await service.ask("consumer", "POST", "/draws/draw_b/enter", { headers: { ...key, Authorization: `Bearer ${body.accessToken}` } });
        expect(entered.body).toMatchObject({ status: "ENTERED", drawAt: beacon.at });
      }
      untilRound(20_000);
      await expect.poll(async () => (await service.ask("consumer", "GET", "/draws/draw_b", { headers: key })).body.root).not.toBeNull();
      untilRound(0);
      await expect
        .poll(async () => (await operate("GET", "/draws/draw_b")).body.beaconWait)
        .toEqual({ since: beacon.at, lastAskedAt: expect.any(String), trouble: "not_published" });
      expect(service.logged.filter((line) => line.includes("Draws wait for a round"))).toHaveLength(1);
      isThere = true;
      await expect.poll(async () => (await operate("GET", "/draws/draw_b")).body.state, { timeout: 30_000 }).toBe("drawn");
      const { body: transcript } = await service.ask("consumer", "GET", "/draws/draw_b/transcript", { headers: key });
      expect(verifyTranscript(transcript, { verifyBeacon }).checks.filter(({ holds }) => holds !== true)).toEqual([]);
      expect(readResult(transcript.result.text)?.beacon).toEqual(published);
    } finally {
      await service.stop();
      drand.close();
    }
  },
  90_000,
);
