import { createServer } from "node:http";
import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Draw, EnterDrawAnswer } from "@fanfare-io/fanfare-contract";
import { beaconChains, roundTime } from "@fanfare-io/fanfare-draw-proof/beacon";
import { arrive, call, createLaunch, startService } from "@fanfare-io/fanfare-testing";
import { afterEach, expect, test } from "vitest";
import { launchChromium } from "./chromium.ts";
import { checkDraw, openDrawShop } from "./draw-shop.ts";
import { visit } from "./shopper.ts";

let closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.toReversed()) await close();
  closing = [];
});

// Round 657,413 of quicknet, as the League of Entropy published it in September 2023; the service of this test lives some minutes before it, until it is told to go on.
const published = { round: 657_413, signature: "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be41076862b98fad56e91a6b85b89cd97b" };

test("a draw under a real round of the public beacon is made when the round is there, and holds in the browser, signature and all", async () => {
  const [chain] = beaconChains;
  if (chain === undefined) throw new Error("No beacon is known.");
  const at = roundTime(chain, published.round);
  const drand = createServer((_, response) => response.end(JSON.stringify(published)));
  await new Promise<void>((resolve) => drand.listen(0, "127.0.0.1", resolve));
  closing.push(() => new Promise((resolve) => drand.close(resolve)));
  const dataDir = await mkdtemp(join(tmpdir(), "fanfare-beacon-"));
  closing.push(() => rm(dataDir, { recursive: true, force: true }));
  const shift = at - 300_000 - Date.now();
  const service = await startService({
    dataDir,
    env: {
      BEACON_URLS: `http://127.0.0.1:${(drand.address() as AddressInfo).port}`,
      ANOTHER_DAY_MS: String(shift),
      ANOTHER_DAY_LATER: String(at - 7_000),
      NODE_OPTIONS: `--import=${fileURLToPath(new URL("./fixtures/another-day.mjs", import.meta.url))}`,
    },
  });
  closing.push(() => service.stop());
  const addLaunch = () => createLaunch(service.adminUrl, service.operatorKey, { id: "queue_beacon" }, { experienceId: "exp_beacon" });
  const beacon = { chainHash: chain.chainHash, round: published.round, at: new Date(at).toISOString() };
  const closeAt = new Date(at - 5_000).toISOString();
  const shop = await openDrawShop({ service, addLaunch }, 2, undefined, { closeAt, drawAt: new Date(at - 1_000).toISOString(), beacon });
  closing.push(shop.close);
  for (let entrant = 0; entrant < 5; entrant++) {
    const { accessToken } = await arrive(service.consumerUrl, shop.launch);
    const headers = { "x-publishable-key": shop.launch.publishableKey, authorization: `Bearer ${accessToken}` };
    expect((await call<EnterDrawAnswer>("POST", `${service.consumerUrl}/draws/${shop.draw.id}/enter`, headers)).status).toBe("ENTERED");
  }
  const browser = await launchChromium();
  closing.push(() => browser.close());
  const { page, troubles } = await visit(browser, new URL(`/draw/check/${shop.draw.id}`, shop.url).href);
  await page.getByText("The draw has not published its result yet.").waitFor();
  process.kill(service.pid, "SIGUSR2");
  const state = async () => (await call<Draw>("GET", `${service.adminUrl}/draws/${shop.draw.id}`, { authorization: `Bearer ${shop.launch.secretKey}` })).state;
  await expect.poll(state, { timeout: 60_000 }).toBe("drawn");
  // The link was opened before there was a result: the page notices by itself.
  const { verdict, points, failed } = await checkDraw(page);
  expect([verdict, failed]).toEqual(["The draw holds.", []]);
  expect(points).toContain("The public randomness is what was promised : holds");
  expect(await page.locator(".found").innerText()).toContain("Round 657413");
  expect(troubles).toEqual([]);
});
