import type { AuthenticationRule } from "@fanfare-io/fanfare-contract";
import { afterAll, expect, test } from "vitest";
import { openTestShop } from "../testing/open-test-shop.ts";
import type { TestAnswer } from "../testing/start-test-service.ts";

/** What is to happen within a second may take longer on a machine that does other things as well. */
const patiently = { timeout: 30_000 };
const { service, shop, admin } = await openTestShop();
afterAll(() => service.stop());

interface Launch {
  readonly experienceId: string;
  readonly sequenceId: string;
  readonly queueId: string;
}

interface Rules {
  readonly whole?: AuthenticationRule;
  readonly way?: AuthenticationRule;
  readonly accessCode?: string;
}

async function launch(rules: Rules): Promise<Launch> {
  const way = { ...(rules.way !== undefined && { authentication: rules.way }), ...(rules.accessCode !== undefined && { accessCode: rules.accessCode }) };
  const json = {
    name: "Launch",
    ...(rules.whole === undefined ? {} : { authentication: rules.whole }),
    sequence: { name: "All", ...way, queues: [{ name: "Line", admitRate: 0 }] },
  };
  const { status, body } = await admin("POST", "/experiences", json);
  expect(status).toBe(201);
  expect([body.authentication, body.sequences[0].authentication]).toEqual([rules.whole ?? "guest", rules.way ?? "guest"]);
  const made = { experienceId: body.id, sequenceId: body.sequences[0].id, queueId: body.sequences[0].queues[0].id };
  const there = async () => (await service.ask("consumer", "GET", `/queues/${made.queueId}`, { headers: { "X-Publishable-Key": shop.publishableKey } })).status;
  await expect.poll(there, patiently).toBe(200);
  return made;
}

interface Shopper {
  readonly consumerId: string;
  ask(method: string, path: string, json?: unknown): Promise<TestAnswer>;
  /** As if an address had been proved: this is about what follows from it. */
  prove(email: string | null): Promise<void>;
}

async function arrive(): Promise<Shopper> {
  const key = { "X-Publishable-Key": shop.publishableKey };
  const { body } = await service.ask("consumer", "POST", "/auth/guest", { headers: key });
  const consumerId = body.session.consumerId as string;
  return {
    consumerId,
    ask: (method, path, json) => service.ask("consumer", method, path, { headers: { ...key, Authorization: `Bearer ${body.accessToken}` }, json }),
    prove: async (email) => {
      await service.db.run("update consumer set type = 'identified', email = $3 where organization_id = $1 and id = $2", [
        shop.organization.id,
        consumerId,
        email,
      ]);
    },
  };
}

const gatesOf = ({ body }: TestAnswer): unknown =>
  body.offers.map((offer: { gates: { reason: { code: string } }[] }) => offer.gates.map((gate) => gate.reason.code));

test("a way in that asks for an identity is gated for guests, and gives them no place however they ask", async () => {
  const { experienceId, queueId } = await launch({ way: "identified" });
  const ann = await arrive();
  const routed = await ann.ask("POST", `/experiences/${experienceId}/route`);
  expect([routed.body.outcome, gatesOf(routed)]).toEqual(["gated", [["AUTH_REQUIRED"]]]);
  const refused = await ann.ask("POST", `/queues/${queueId}/enter`);
  expect(refused).toMatchObject({ status: 403, body: { error: "authentication_required", details: { requires: "identity" } } });
  expect((await ann.ask("GET", `/queues/${queueId}/status`)).body.status).toBe("NOT_QUEUED");
  await ann.prove(null);
  expect(gatesOf(await ann.ask("POST", `/experiences/${experienceId}/route`))).toEqual([[]]);
  expect((await ann.ask("POST", `/queues/${queueId}/enter`)).body).toMatchObject({ status: "QUEUED", position: 1 });
});

test("whoever comes without a session is told the same", async () => {
  const { experienceId } = await launch({ way: "identified" });
  const routed = await service.ask("consumer", "POST", `/experiences/${experienceId}/route`, { headers: { "X-Publishable-Key": shop.publishableKey } });
  expect(gatesOf(routed)).toEqual([["AUTH_REQUIRED"]]);
});

test("particular e-mail domains let in whoever has proved an address at one of them", async () => {
  const { experienceId, queueId } = await launch({ way: { emailDomains: ["shop.example"] } });
  const [ann, bob] = [await arrive(), await arrive()];
  await ann.prove("ann@shop.example");
  await bob.prove("bob@other.example");
  expect((await ann.ask("POST", `/queues/${queueId}/enter`)).status).toBe(200);
  const refused = await bob.ask("POST", `/queues/${queueId}/enter`);
  expect(refused).toMatchObject({ status: 403, body: { details: { requires: "email", emailDomains: ["shop.example"] } } });
  const routed = await bob.ask("POST", `/experiences/${experienceId}/route`);
  expect(routed.body.offers[0].gates[0].reason.detail).toContain("@shop.example");
});

test("the rule of an experience holds for each of its ways in, and a way may ask for more", async () => {
  const { experienceId, queueId } = await launch({ whole: "identified", way: { emailDomains: ["shop.example"] } });
  const ann = await arrive();
  expect((await ann.ask("POST", `/queues/${queueId}/enter`)).body.details).toEqual({ requires: "identity" });
  await ann.prove("ann@other.example");
  expect((await ann.ask("POST", `/queues/${queueId}/enter`)).body.details).toEqual({ requires: "email", emailDomains: ["shop.example"] });
  const changed = await admin("PUT", `/experiences/${experienceId}`, { authentication: "guest" });
  expect(changed.body.authentication).toBe("guest");
});

test("a place that somebody has stays theirs when the rule is made stricter, and nobody new gets one", async () => {
  const { experienceId, sequenceId, queueId } = await launch({});
  const [ann, bob] = [await arrive(), await arrive()];
  expect((await ann.ask("POST", `/queues/${queueId}/enter`)).status).toBe(200);
  expect((await admin("PUT", `/sequences/${sequenceId}`, { authentication: "identified" })).body.authentication).toBe("identified");
  const enters = async () => {
    const { status } = await bob.ask("POST", `/queues/${queueId}/enter`);
    if (status === 200) await bob.ask("POST", `/queues/${queueId}/leave`);
    return status;
  };
  await expect.poll(enters, patiently).toBe(403);
  expect((await ann.ask("POST", `/queues/${queueId}/enter`)).body).toMatchObject({ status: "QUEUED", position: 1 });
  await expect.poll(async () => gatesOf(await ann.ask("POST", `/experiences/${experienceId}/route`)), patiently).toEqual([[]]);
});

test("a draw asks the same", async () => {
  const { sequenceId } = await launch({ way: "identified" });
  const at = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString();
  const draw = { name: "Draw", sequenceId, winnerCount: 1, openAt: at(-60), closeAt: at(600), drawAt: at(700) };
  const made = await admin("POST", "/draws", draw);
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  const ann = await arrive();
  await expect.poll(async () => (await ann.ask("GET", `/draws/${made.body.id}/status`)).status, patiently).toBe(200);
  expect((await ann.ask("POST", `/draws/${made.body.id}/enter`)).body.error).toBe("authentication_required");
  await ann.prove("ann@shop.example");
  expect((await ann.ask("POST", `/draws/${made.body.id}/enter`)).body.status).toBe("ENTERED");
});

test("behind an access code nobody gets a place without it, though routing names what is there", async () => {
  const { experienceId, sequenceId, queueId } = await launch({ accessCode: "VIP" });
  const at = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString();
  const draw = await admin("POST", "/draws", { name: "Draw", sequenceId, winnerCount: 1, openAt: at(-60), closeAt: at(600), drawAt: at(700) });
  const ann = await arrive();
  await expect.poll(async () => (await ann.ask("GET", `/draws/${draw.body.id}/status`)).status, patiently).toBe(200);
  const routed = await ann.ask("POST", `/experiences/${experienceId}/route`);
  expect([gatesOf(routed), routed.body.offers[0].distribution.id]).toEqual([[["ACCESS_CODE_REQUIRED"]], queueId]);
  const refused = { status: 403, body: { error: "access_code_required" } };
  for (const place of [`/queues/${queueId}`, `/draws/${draw.body.id}`])
    for (const shown of [undefined, { accessCode: "vip" }]) expect(await ann.ask("POST", `${place}/enter`, shown)).toMatchObject(refused);
  expect((await ann.ask("GET", `/queues/${queueId}/status`)).body.status).toBe("NOT_QUEUED");
  expect((await ann.ask("POST", `/queues/${queueId}/enter`, { accessCode: "VIP" })).body).toMatchObject({ status: "QUEUED", position: 1 });
  expect((await ann.ask("POST", `/draws/${draw.body.id}/enter`, { accessCode: "VIP" })).body.status).toBe("ENTERED");
  // Who has a place keeps it, and need not show the code again.
  expect((await ann.ask("POST", `/queues/${queueId}/enter`)).body).toMatchObject({ status: "QUEUED", position: 1 });
});

test("what is no domain is refused, and a domain is kept in lower case", async () => {
  const { sequenceId } = await launch({});
  const bad = await admin("PUT", `/sequences/${sequenceId}`, { authentication: { emailDomains: ["*.shop.example"] } });
  expect(bad).toMatchObject({ status: 400, body: { error: "validation_error" } });
  const good = await admin("PUT", `/sequences/${sequenceId}`, { authentication: { emailDomains: ["Shop.Example"] } });
  expect(good.body.authentication).toEqual({ emailDomains: ["shop.example"] });
  expect((await admin("PUT", `/sequences/${sequenceId}`, { authentication: "guest" })).body.authentication).toBe("guest");
});
