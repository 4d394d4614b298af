import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CreateDrawRequest, Draw } from "@fanfare-io/fanfare-contract";
import { call } from "@fanfare-io/fanfare-testing";
import type { TestLaunch } from "@fanfare-io/fanfare-testing";
import { startStorefront } from "fanfare-storefront/backend";
import type { Page } from "playwright-core";
import type { Street } from "./street.ts";

/** A shop that gives its second piece out by draw. */
export interface DrawShop {
  /** The draw's page. */
  readonly url: string;
  readonly launch: TestLaunch;
  /** The draw that is open, with entries until somebody draws. */
  readonly draw: Draw;
  /** Closes the entries and draws, the first draw unless another is named; resolves when the result is published. */
  drawNow(drawId?: string): Promise<Draw>;
  /** Puts the next draw of the same piece up. */
  nextDraw(): Promise<Draw>;
  close(): Promise<void>;
}

const hourMs = 3_600_000;

/** Opens such a shop on a street's service, with a draw that stays open for an hour unless told otherwise. */
export async function openDrawShop(
  { service, addLaunch }: Pick<Street, "service" | "addLaunch">,
  winnerCount: number,
  drawsInMs = hourMs,
  rules: Partial<CreateDrawRequest> = {},
): Promise<DrawShop> {
  const launch = await addLaunch();
  const { organizationId, publishableKey, secretKey, experienceId } = launch;
  const headers = { authorization: `Bearer ${secretKey}` };
  const drawExperienceId = `${experienceId}_draw`;
  const sequenceId = `${experienceId.replace("exp_", "seq_")}_draw`;
  const admin = <Answer>(method: string, path: string, body?: object): Promise<Answer> => call<Answer>(method, `${service.adminUrl}${path}`, headers, body);
  await admin("POST", "/experiences", { id: drawExperienceId, name: "By draw", sequence: { id: sequenceId, name: "Everyone" } });
  const nextDraw = (): Promise<Draw> =>
    admin<Draw>("POST", "/draws", {
      sequenceId,
      name: "Bowls",
      drawAt: new Date(Date.now() + drawsInMs).toISOString(),
      winnerCount,
      admissionExpirationSeconds: 900,
      ...rules,
    });
  const draw = await nextDraw();
  const dataDir = await mkdtemp(join(tmpdir(), "fanfare-draw-shop-"));
  const shop = await startStorefront({
    apiUrl: service.consumerUrl,
    organizationId,
    publishableKey,
    secretKey,
    experienceId,
    drawExperienceId,
    port: 0,
    dataDir,
  });
  return Object.freeze<DrawShop>({
    url: `${shop.url}/draw`,
    launch,
    draw,
    async drawNow(drawId = draw.id) {
      await admin("POST", `/draws/${drawId}/draw`, { confirm: drawId });
      for (;;) {
        const now = await admin<Draw>("GET", `/draws/${drawId}`);
        if (now.state === "drawn") return now;
      }
    },
    nextDraw,
    async close() {
      await shop.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  });
}

/** Presses the one button before the draw, and waits until the entry is in. */
export async function enterDraw(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Enter the draw" }).click();
  await page.locator('main[data-view="entered"]').waitFor();
}

/** What the page found out about a draw; each point as a voice would say it. */
export interface PageFinding {
  readonly verdict: string;
  readonly points: readonly string[];
  /** The points that do not hold. */
  readonly failed: readonly string[];
}

/** Checks the draw on the page. */
export async function checkDraw(page: Page): Promise<PageFinding> {
  await page.getByRole("button", { name: "Check this draw" }).click();
  await page.locator(".check[data-holds]").waitFor();
  const points = (await page.locator(".found strong").allTextContents()).map((text) => text.replaceAll(/\s+/g, " ").trim());
  return { verdict: await page.locator("#check-title").innerText(), points, failed: points.filter((point) => !point.endsWith(": holds")) };
}
