import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";

/** The two cards of the shop's test processor. */
export const cards = { accepted: "4242 4242 4242 4242", declined: "4000 0000 0000 0002" } as const;

/** What `main` says it shows. */
export type View = "product" | "waiting" | "turn" | "ended" | "checkout" | "order" | "refusal" | "declined";

/** A person with a browser of their own, in front of one shop. */
export interface Shopper {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the pages complained about on their consoles; empty when all is well. */
  readonly troubles: readonly string[];
  /** Another tab of the same browser, on the shop's front page. */
  newTab(): Promise<Page>;
  close(): Promise<void>;
}

/** Opens the shop in a browser profile of its own. */
export async function visit(browser: Browser, shopUrl: string, options: BrowserContextOptions = {}): Promise<Shopper> {
  const context = await browser.newContext({ locale: "en-GB", timezoneId: "Europe/Zurich", ...options });
  context.setDefaultTimeout(60_000);
  const troubles: string[] = [];
  context.on("weberror", (error) => troubles.push(error.error().message));
  context.on("console", (message) => {
    // The browser notes every 4xx that we ask for on purpose; what scripts and policies complain about is another matter.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) troubles.push(message.text());
  });
  const newTab = async (): Promise<Page> => {
    const page = await context.newPage();
    await page.goto(shopUrl);
    return page;
  };
  return Object.freeze({ context, page: await newTab(), troubles, newTab, close: () => context.close() });
}

/** Waits until the page shows a view. */
export async function reach(page: Page, view: View): Promise<void> {
  await page.locator(`main[data-view="${view}"]`).waitFor();
}

/** Presses the one button before the line; resolves with the place, or null when the turn came at once. */
export async function joinLine(page: Page): Promise<number | null> {
  await page.getByRole("button", { name: "Join the line" }).click();
  await page.locator('main:is([data-view="waiting"], [data-view="turn"])').waitFor();
  return placeOf(page);
}

/** The place that the page shows now; null outside the line. */
export async function placeOf(page: Page): Promise<number | null> {
  const texts = await page.locator("[data-place]").allTextContents();
  return texts[0] === undefined ? null : Number(texts[0]);
}

/** Waits until the page shows a place. */
export async function reachPlace(page: Page, place: number): Promise<void> {
  await page.locator("[data-place]").getByText(String(place), { exact: true }).waitFor();
}

/** Goes through to the counter; resolves with the grant token that the page posted, as a thief on the wire would have it. */
export async function goToCheckout(page: Page): Promise<string> {
  const posted = page.waitForRequest((request) => request.method() === "POST" && request.url().endsWith("/shop/checkout"));
  await page.getByRole("button", { name: "Continue to checkout" }).click();
  const token = new URLSearchParams((await posted).postData() ?? "").get("token");
  await reach(page, "checkout");
  if (token === null) throw new Error("The page went to the counter without a token.");
  return token;
}

/** Fills the counter's form and sends it. */
export async function pay(page: Page, card: string = cards.accepted): Promise<void> {
  const fields = { Name: "Ines Aubert", "Street and number": "Hafenweg 4", Postcode: "8005", "Town or city": "Zürich", "Test card number": card };
  for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(value);
  await page.getByRole("button", { name: /^Pay / }).click();
}

/** From the turn to the confirmation; resolves with the order's number. */
export async function buy(page: Page): Promise<string> {
  await goToCheckout(page);
  await pay(page);
  await reach(page, "order");
  return page.locator(".number").innerText();
}

/** What a page of the shop answers to a token that somebody brings along. */
export interface Answer {
  readonly status: number;
  readonly view: string | null;
  readonly title: string;
}

/** Posts a token to the counter from the shop's own page, as its button does. */
export async function bring(page: Page, shopUrl: string, token: string | null): Promise<Answer> {
  await page.goto(shopUrl);
  const answered = page.waitForResponse((response) => response.request().method() === "POST" && response.url().endsWith("/shop/checkout"));
  await page.evaluate((value) => {
    const form = document.createElement("form");
    form.method = "post";
    form.action = "/shop/checkout";
    if (value !== null) form.append(Object.assign(document.createElement("input"), { name: "token", value }));
    document.body.append(form);
    form.submit();
  }, token);
  const status = (await answered).status();
  await page.locator('main:is([data-view="refusal"], [data-view="checkout"])').waitFor();
  return { status, view: await page.locator("main").getAttribute("data-view"), title: await page.getByRole("heading", { level: 1 }).innerText() };
}
