import type { QueueMetrics } from "@fanfare-io/fanfare-contract";
import { arrive, call } from "@fanfare-io/fanfare-testing";
import type { BrowserContextOptions, Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { askForCode, keepPlace, lettersOf, prove, typeCode } from "./inbox.ts";
import type { Letters } from "./inbox.ts";
import { goOut } from "./outing.ts";
import { problemsOf } from "./page-problems.ts";
import { joinLine, reach, reachPlace } from "./shopper.ts";
import type { OpenShop } from "./street.ts";

const outing = goOut();

const phone: BrowserContextOptions = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

const admin = <T>(shop: OpenShop, method: string, path: string, body?: unknown): Promise<T> =>
  call<T>(method, `${outing.street.service.adminUrl}${path}`, { authorization: `Bearer ${shop.launch.secretKey}` }, body);
const waitingIn = async (shop: OpenShop): Promise<number> => (await admin<QueueMetrics>(shop, "GET", `/queues/${shop.launch.queueId}/metrics`)).waiting;

/** People in line before ours. */
async function crowd(shop: OpenShop, size: number): Promise<readonly Awaited<ReturnType<typeof arrive>>[]> {
  const people = [];
  for (let count = 0; count < size; count++) people.push(await arrive(outing.street.service.consumerUrl, shop.launch));
  for (const person of people) await person.enter();
  return people;
}

const lettersIn = (shop: OpenShop): Letters => lettersOf(outing.street.service.adminUrl, shop.launch);

const done = async (page: Page): Promise<void> => {
  await page.getByRole("heading", { name: "Done" }).waitFor();
  await page.getByRole("button", { name: "Go on" }).click();
};

const sessionOf = (page: Page): Promise<{ readonly consumerId?: string; readonly type?: string }> =>
  page.evaluate(() => {
    const key = Object.keys(localStorage).find((name) => name.endsWith(":session"));
    return (JSON.parse(localStorage.getItem(key ?? "") ?? "{}") as { session?: object }).session ?? {};
  });

describe("a guest in line who says who they are", () => {
  test("keeps place 7 on the phone, finds it on the laptop, and is one entry on the service while both pages live on", async () => {
    const shop = await outing.street.openShop({ admitRate: 0 });
    const [first] = await crowd(shop, 6);
    const mobile = await outing.enter(shop.url, phone);
    expect(await joinLine(mobile.page)).toBe(7);
    const guest = await sessionOf(mobile.page);
    await askForCode(mobile.page, "ines@shop.example");
    expect(await mobile.page.getByText("Place 7. It is kept").isVisible()).toBe(true);
    await typeCode(mobile.page, await lettersIn(shop).codeFor("ines@shop.example"));
    await mobile.page.getByRole("heading", { name: "Done" }).waitFor();
    expect(await mobile.page.getByRole("dialog").innerText()).not.toContain("while you do this");
    expect(await problemsOf(mobile.page)).toEqual([]);
    await done(mobile.page);
    await reachPlace(mobile.page, 7);
    await expect.poll(() => mobile.page.evaluate(() => document.activeElement?.tagName)).toBe("H1");
    expect(await sessionOf(mobile.page)).toMatchObject({ type: "authenticated", consumerId: guest.consumerId });

    const laptop = await outing.enter(shop.url, { viewport: { width: 1280, height: 800 } });
    // On this device she joins anew, at the end, and then says who she is: the better place counts.
    expect(await joinLine(laptop.page)).toBe(8);
    await prove(lettersIn(shop), laptop.page, "ines@shop.example");
    await reachPlace(laptop.page, 7);
    await done(laptop.page);
    expect((await sessionOf(laptop.page)).consumerId).toBe(guest.consumerId);
    expect(await waitingIn(shop)).toBe(7);
    await first?.leave();
    await Promise.all([reachPlace(mobile.page, 6), reachPlace(laptop.page, 6)]);
    expect(await waitingIn(shop)).toBe(6);
  });

  test("finds the place on a second device without joining there", async () => {
    const shop = await outing.street.openShop({ admitRate: 0 });
    await crowd(shop, 2);
    const mobile = await outing.enter(shop.url, phone);
    expect(await joinLine(mobile.page)).toBe(3);
    await prove(lettersIn(shop), mobile.page, "noor@shop.example");
    await done(mobile.page);
    const before = await lettersIn(shop).seen();
    const other = await outing.enter(shop.url);
    await askForCode(other.page, "noor@shop.example", "I have a place already");
    expect(await problemsOf(other.page)).toEqual([]);
    await typeCode(other.page, await lettersIn(shop).codeFor("noor@shop.example", before));
    await reachPlace(other.page, 3);
    await expect.poll(() => other.page.evaluate(() => document.activeElement?.tagName)).toBe("H1");
    expect(await waitingIn(shop)).toBe(3);
  });

  test("in a launch that binds places, reads on the second device where the turn is, and goes on there once the shop lets them", async () => {
    const shop = await outing.street.openShop({ admitRate: 0 });
    await admin(shop, "PUT", `/experiences/${shop.launch.experienceId}`, { entryBinding: "device" });
    const mobile = await outing.enter(shop.url, phone);
    expect(await joinLine(mobile.page)).toBe(1);
    await prove(lettersIn(shop), mobile.page, "sol@shop.example");
    await done(mobile.page);
    const laptop = await outing.enter(shop.url);
    await prove(lettersIn(shop), laptop.page, "sol@shop.example", "I have a place already");
    await reachPlace(laptop.page, 1);
    await shop.setLine({ admitRate: 6_000 });
    await reach(mobile.page, "turn");
    await laptop.page.getByRole("heading", { name: "It is your turn on your other device" }).waitFor();
    expect(await problemsOf(laptop.page)).toEqual([]);
    const { consumerId } = await sessionOf(mobile.page);
    await admin(shop, "POST", "/entry-bindings/release", { consumerId, distributionId: shop.launch.queueId });
    // It asks at growing distances, of a minute at most.
    await laptop.page.locator('main[data-view="turn"]').waitFor({ timeout: 90_000 });
    expect([...mobile.troubles, ...laptop.troubles]).toEqual([]);
  });

  test("asks for the code in one tab and types it in another: both are known, and neither lost its place", async () => {
    const shop = await outing.street.openShop({ admitRate: 0 });
    await crowd(shop, 1);
    const shopper = await outing.enter(shop.url);
    const { page } = shopper;
    expect(await joinLine(page)).toBe(2);
    const second = await shopper.newTab();
    await reachPlace(second, 2);
    await askForCode(page, "tom@shop.example");
    const code = await lettersIn(shop).codeFor("tom@shop.example");
    await second.getByRole("button", { name: keepPlace }).click();
    await second.getByLabel("E-mail address").fill("tom@shop.example");
    await second.getByRole("button", { name: "I have a code" }).click();
    // As it is pasted from a message, words and all.
    await typeCode(second, `Your code: ${code.slice(0, 3)} ${code.slice(3)}`);
    await done(second);
    await done(page);
    for (const each of [page, second]) {
      await each.getByText("Kept for tom@shop.example").waitFor();
      await reachPlace(each, 2);
    }
    expect(await waitingIn(shop)).toBe(2);
  });

  test("types a wrong code, is told how many tries are left, and gets in with the right one", async () => {
    const shop = await outing.street.openShop({ admitRate: 0 });
    const { page } = await outing.enter(shop.url);
    await joinLine(page);
    await askForCode(page, "mia@shop.example");
    const code = await lettersIn(shop).codeFor("mia@shop.example");
    await typeCode(page, code === "000000" ? "111111" : "000000");
    await page
      .getByRole("alert")
      .filter({ hasText: /more tr(y|ies)/ })
      .waitFor();
    expect(await problemsOf(page)).toEqual([]);
    expect(await page.evaluate(() => document.activeElement?.getAttribute("autocomplete"))).toBe("one-time-code");
    await typeCode(page, code);
    await done(page);
    expect(await sessionOf(page)).toMatchObject({ type: "authenticated" });
  });

  test("with an address that is another's, where the shop puts no accounts together: it is explained, and the place stays", async () => {
    const shop = await outing.street.openShop({ admitRate: 0 });
    await admin(shop, "PUT", "/organizations/current", { onIdentityConflict: "reject" });
    const owner = await outing.enter(shop.url);
    expect(await joinLine(owner.page)).toBe(1);
    await prove(lettersIn(shop), owner.page, "ada@shop.example");
    await done(owner.page);
    const { page } = await outing.enter(shop.url, phone);
    expect(await joinLine(page)).toBe(2);
    const guest = await sessionOf(page);
    const before = await lettersIn(shop).seen();
    await askForCode(page, "ada@shop.example");
    await typeCode(page, await lettersIn(shop).codeFor("ada@shop.example", before));
    await page.getByRole("heading", { name: "This address is known already" }).waitFor();
    expect(await problemsOf(page)).toEqual([]);
    await page.getByRole("button", { name: "Not now" }).click();
    await reachPlace(page, 2);
    expect(await sessionOf(page)).toEqual(guest);
    expect(await waitingIn(shop)).toBe(2);
  });
});

describe("a shopper whom the shop takes out of an account again", () => {
  test("is told so in words, in each tab, stands at the tail as a guest, and the account keeps the place", async () => {
    const shop = await outing.street.openShop({ admitRate: 0 });
    await crowd(shop, 2);
    const owner = await outing.enter(shop.url);
    expect(await joinLine(owner.page)).toBe(3);
    await prove(lettersIn(shop), owner.page, "rosa@shop.example");
    await done(owner.page);
    const other = await outing.enter(shop.url, phone);
    expect(await joinLine(other.page)).toBe(4);
    const guest = await sessionOf(other.page);
    await prove(lettersIn(shop), other.page, "rosa@shop.example");
    await done(other.page);
    await reachPlace(other.page, 3);
    const second = await other.newTab();
    await reachPlace(second, 3);
    await crowd(shop, 2);
    await admin(shop, "POST", `/consumers/${guest.consumerId}/unlink`);
    for (const page of [other.page, second]) {
      await page.getByRole("status").filter({ hasText: "you stand at the end of the line" }).waitFor();
      await reachPlace(page, 6);
      expect(await sessionOf(page)).toMatchObject({ type: "guest", consumerId: guest.consumerId });
    }
    expect(await problemsOf(other.page)).toEqual([]);
    await other.page.reload();
    await other.page.getByText("you stand at the end of the line").waitFor();
    await reachPlace(other.page, 6);
    await reachPlace(owner.page, 3);
    expect(await owner.page.getByText("apart again").count()).toBe(0);
  });
});

describe("a way in that asks who somebody is", () => {
  test("opens to whoever has proved it, and says what it wants before", async () => {
    const shop = await outing.street.openShop({ admitRate: 0 });
    await admin(shop, "PUT", `/experiences/${shop.launch.experienceId}`, { authentication: { emailDomains: ["kilnrow.example"] } });
    const { page } = await outing.enter(shop.url);
    await page.getByRole("button", { name: "Say who you are" }).waitFor();
    expect(await page.getByText("@kilnrow.example").first().isVisible()).toBe(true);
    expect(await problemsOf(page)).toEqual([]);
    await prove(lettersIn(shop), page, "lea@kilnrow.example", "Say who you are");
    await page.getByRole("button", { name: "Join the line" }).waitFor();
    expect(await joinLine(page)).toBe(1);
  });

  test("and is better than the line that a guest waits in takes them over in mid-wait, once they are known", async () => {
    const shop = await outing.street.openShop({ admitRate: 0 });
    await crowd(shop, 4);
    const { experienceId } = shop.launch;
    const made = await admin<{ readonly id: string }>(shop, "POST", "/sequences", {
      experienceId,
      name: "Friends",
      priority: 10,
      authentication: "identified",
    });
    const line = await admin<{ readonly id: string }>(shop, "POST", "/queues", { sequenceId: made.id, name: "Friends", admitRate: 0 });
    const { page } = await outing.enter(shop.url);
    expect(await joinLine(page)).toBe(5);
    await prove(lettersIn(shop), page, "kim@shop.example");
    await done(page);
    // Both lines stand still: nothing says that the other is better, so the old place stays.
    await expect.poll(async () => (await admin<QueueMetrics>(shop, "GET", `/queues/${line.id}/metrics`)).waiting).toBe(1);
    await reachPlace(page, 5);
    await admin(shop, "PUT", `/queues/${line.id}`, { admitRate: 6000 });
    await reach(page, "turn");
    await expect.poll(() => waitingIn(shop)).toBe(4);
  });
});
