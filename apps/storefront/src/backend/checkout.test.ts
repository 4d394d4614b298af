import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { testCards } from "./payments.ts";
import { goodForm, openShop } from "./shop.test.fixture.ts";
import type { TestShop } from "./shop.test.fixture.ts";

let shop: TestShop;
beforeEach(() => void (shop = openShop()));
afterEach(() => shop.close());

const { card, ...buyer } = goodForm;

async function open(grantId: string, at = shop): Promise<string> {
  const opened = await at.checkout.open(at.line.present(grantId));
  if (opened.outcome !== "opened") throw new Error(`refused: ${opened.refusal}`);
  return opened.session;
}

describe("stock", () => {
  test("is never oversold, however many hold, pay and come back at once", async () => {
    const opened = await Promise.all(Array.from({ length: 40 }, (_, n) => shop.checkout.open(shop.line.present(`grant_${n}`))));
    const sessions = opened.flatMap((answer) => (answer.outcome === "opened" ? [answer.session] : []));
    expect(sessions).toHaveLength(3);
    expect(opened.filter((answer) => answer.outcome === "refused" && answer.refusal === "sold_out")).toHaveLength(37);
    const paid = await Promise.all([...sessions, ...sessions, ...sessions].map((session) => shop.checkout.pay(session, buyer, card)));
    expect(paid.filter((answer) => answer.outcome === "bought").length).toBeGreaterThanOrEqual(3);
    expect(shop.line.calls.filter((call) => call === "complete")).toHaveLength(3);
    expect(shop.orders.left("low-tide", shop.clock.now)).toBe(0);
  });

  test("gives the hold back to the line when the shelf is empty", async () => {
    for (const n of [1, 2, 3]) await open(`grant_${n}`);
    await expect(shop.checkout.open(shop.line.present("grant_4"))).resolves.toEqual({ outcome: "refused", refusal: "sold_out" });
    expect(shop.line.calls.at(-1)).toBe("release");
  });

  test("returns to the shelf when a hold runs out, and not while its payment is under way", async () => {
    const session = await open("grant_1");
    expect(shop.orders.left("low-tide", shop.clock.now)).toBe(2);
    expect(shop.orders.left("low-tide", shop.clock.now + 900_000)).toBe(3);
    shop.orders.beginPayment(shop.checkout.find(session)?.orderId ?? "", buyer, shop.clock.now);
    expect(shop.orders.left("low-tide", shop.clock.now + 900_000)).toBe(2);
  });
});

describe("a grant", () => {
  test("opens one order, which a fresh pass of the same grant finds again", async () => {
    const first = await open("grant_1");
    const order = shop.checkout.find(first);
    const second = await open("grant_1");
    expect(shop.checkout.find(second)?.orderId).toBe(order?.orderId);
    expect(shop.checkout.find(first)).toBeNull();
    expect(shop.orders.left("low-tide", shop.clock.now)).toBe(2);
  });

  test("is used once: the same pass again is refused", async () => {
    const token = shop.line.present("grant_1");
    await shop.checkout.open(token);
    await expect(shop.checkout.open(token)).resolves.toEqual({ outcome: "refused", refusal: "pass_used" });
  });

  test("of another drop is refused before anything is held", async () => {
    const token = shop.line.present("grant_1", { experienceId: "exp_other" });
    await expect(shop.checkout.open(token)).resolves.toEqual({ outcome: "refused", refusal: "other_shop" });
    expect(shop.line.calls).toEqual([]);
  });
});

describe("payment", () => {
  test("of ten parallel submits charges and completes once, under the order number fixed before", async () => {
    const session = await open("grant_1");
    const orderId = shop.checkout.find(session)?.orderId;
    const answers = await Promise.all(Array.from({ length: 10 }, () => shop.checkout.pay(session, buyer, card)));
    expect(answers.filter((answer) => answer.outcome === "bought")).toHaveLength(1);
    expect(shop.line.calls.filter((call) => call === "complete")).toHaveLength(1);
    expect(shop.checkout.find(session)).toMatchObject({ orderId, state: "completed", receiptId: `rcpt_${orderId}` });
    await expect(shop.checkout.pay(session, buyer, card)).resolves.toEqual({ outcome: "bought" });
  });

  test("declined gives the hold back, and the shopper may try again with a fresh pass", async () => {
    const session = await open("grant_1");
    await expect(shop.checkout.pay(session, buyer, testCards.declined)).resolves.toMatchObject({ outcome: "declined" });
    expect(shop.line.calls.at(-1)).toBe("release");
    expect(shop.orders.left("low-tide", shop.clock.now)).toBe(3);
    await expect(shop.checkout.pay(await open("grant_1"), buyer, card)).resolves.toEqual({ outcome: "bought" });
  });

  test("declined while the line is away still frees the piece and invites another try", async () => {
    const session = await open("grant_1");
    shop.line.failNext("release", "SERVICE_UNAVAILABLE");
    await expect(shop.checkout.pay(session, buyer, testCards.declined)).resolves.toEqual({ outcome: "declined", turnUntil: null });
    await expect(shop.checkout.pay(await open("grant_1"), buyer, card)).resolves.toEqual({ outcome: "bought" });
  });

  test("after the hold ran out is refused and charges nothing", async () => {
    const session = await open("grant_1");
    const orderId = shop.checkout.find(session)?.orderId ?? "";
    shop.clock.now += 900_000;
    await expect(shop.checkout.pay(session, buyer, card)).resolves.toEqual({ outcome: "refused", refusal: "checkout_over" });
    await expect(shop.payments.find(orderId)).resolves.toBeNull();
  });

  test("that the line refuses to complete is given back", async () => {
    const session = await open("grant_1");
    const orderId = shop.checkout.find(session)?.orderId ?? "";
    shop.line.failNext("complete", "GRANT_NOT_HELD");
    await expect(shop.checkout.pay(session, buyer, card)).resolves.toEqual({ outcome: "refused", refusal: "payment_returned" });
    await expect(shop.payments.find(orderId)).resolves.toBe("refunded");
    expect(shop.orders.left("low-tide", shop.clock.now)).toBe(3);
  });

  test("while the line is away is kept, and completed when it is back", async () => {
    const session = await open("grant_1");
    shop.line.failNext("complete", "SERVICE_UNAVAILABLE");
    await expect(shop.checkout.pay(session, buyer, card)).resolves.toEqual({ outcome: "confirming" });
    await shop.checkout.settle();
    expect(shop.checkout.find(session)?.state).toBe("completed");
  });
});

describe("a crash", () => {
  test("between payment and completion ends in a completed order", async () => {
    const session = await open("grant_1");
    const orderId = shop.checkout.find(session)?.orderId ?? "";
    shop.orders.beginPayment(orderId, buyer, shop.clock.now);
    await shop.payments.charge({ orderId, amount: "180.00", card });
    shop = shop.restart();
    await shop.checkout.recover();
    expect(shop.checkout.find(session)).toMatchObject({ orderId, state: "completed", buyer });
  });

  test("before the payment arrived charges nothing and gives the hold back", async () => {
    const session = await open("grant_1");
    const orderId = shop.checkout.find(session)?.orderId ?? "";
    shop.orders.beginPayment(orderId, buyer, shop.clock.now);
    shop = shop.restart();
    await shop.checkout.recover();
    expect(shop.checkout.find(session)?.state).toBe("released");
    expect(shop.line.calls.at(-1)).toBe("release");
    await expect(shop.payments.find(orderId)).resolves.toBeNull();
  });
});
