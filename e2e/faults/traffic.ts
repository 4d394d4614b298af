import { setTimeout as pause } from "node:timers/promises";
import { ApiRefusal, call } from "@fanfare-io/fanfare-testing";
import type { Merchant, Observation, Shopper, TestLaunch } from "@fanfare-io/fanfare-testing";

type EnterQueueAnswer = Awaited<ReturnType<Shopper["enter"]>>;
type QueueConsumerState = Awaited<ReturnType<Shopper["status"]>>;
type Presentation = Awaited<ReturnType<Shopper["present"]>>;
type Redemption = Awaited<ReturnType<Merchant["validate"]>>;
type GrantReceipt = Awaited<ReturnType<Merchant["complete"]>>;
interface TokenResponse {
  readonly accessToken: string;
  readonly session: { readonly consumerId: string };
}

/** Shoppers who come and go at several nodes, whatever happens to them. */
export interface Traffic {
  readonly seen: readonly Observation[];
  /** When anything was answered with success, on the observer's monotonic clock. */
  readonly answeredAt: readonly number[];
  /** Lets nobody new arrive, and resolves when everybody who came is through. */
  finish(): Promise<void>;
}

const patienceMs = 2_000;

/** Starts the traffic: so many shoppers at once, each from arrival to the end of their visit. */
export function startTraffic(urls: readonly string[], launch: TestLaunch, atOnce: number): Traffic {
  const seen: Observation[] = [];
  const answeredAt: number[] = [];
  const secret = { authorization: `Bearer ${launch.secretKey}` };
  let finishing = false;
  let next = 0;

  /** Asks one node after the other until somebody answers, as a load balancer and a patient browser would. A refusal that is not "later" is an answer. */
  async function ask<Body>(lane: number, method: string, path: string, headers: Readonly<Record<string, string>>, body?: unknown): Promise<Body> {
    for (let attempt = lane; ; attempt++) {
      try {
        const answer = await within(call<Body>(method, `${urls[attempt % urls.length] ?? ""}${path}`, headers, body));
        answeredAt.push(performance.now());
        return answer;
      } catch (error) {
        if (error instanceof ApiRefusal && error.status !== 503) throw error;
        await pause(20);
      }
    }
  }

  async function visit(lane: number): Promise<void> {
    const number = next++;
    const key = { "x-publishable-key": launch.publishableKey };
    const { accessToken, session } = await ask<TokenResponse>(lane, "POST", "/auth/guest", key, {});
    const headers = { ...key, authorization: `Bearer ${accessToken}` };
    const queue = `/queues/${launch.queueId}`;
    let version = 0;
    const note = (state: QueueConsumerState): QueueConsumerState => {
      if (state.status === "QUEUED" && state.ticket !== null && state.position !== null) {
        version = Math.max(version, state.version);
        seen.push({ kind: "shown", consumerId: session.consumerId, ticket: state.ticket, position: state.position });
      }
      return state;
    };
    const enter = async (): Promise<QueueConsumerState> => {
      const askedAt = performance.now();
      const state = await ask<EnterQueueAnswer>(lane + number, "POST", `${queue}/enter`, headers);
      if (state.status === "QUEUED" && state.ticket !== null)
        seen.push({ kind: "entered", consumerId: session.consumerId, ticket: state.ticket, askedAt, answeredAt: performance.now() });
      return note(state);
    };

    let state = await enter();
    if (number % 3 === 0) state = await enter();
    if (number % 50 === 0) return;
    if (number % 5 > 1) return void (await ask(lane, "POST", `${queue}/leave`, headers));
    for (; state.status === "QUEUED"; await pause(60))
      state = note(await ask<QueueConsumerState>(lane++, "GET", `${queue}/status?version=${version}`, headers));
    if (state.status !== "ADMITTED") return;
    const presented = await ask<Presentation>(lane, "POST", "/grants/presentation", headers, { distributionId: launch.queueId });
    await buy(lane, headers, presented, `order-${number}`);
  }

  async function buy(lane: number, headers: Readonly<Record<string, string>>, first: Presentation, orderId: string): Promise<void> {
    let token = first.token;
    for (let attempt = 0; attempt < 20; attempt++) {
      const held = await ask<Redemption>(lane, "POST", "/grants/validate", secret, { token }).catch(refusalOnly);
      if (held === null) {
        // The token was used up by a call whose answer was lost, or the turn is over.
        const fresh = await ask<Presentation>(lane, "POST", "/grants/presentation", headers, { distributionId: launch.queueId }).catch(refusalOnly);
        if (fresh === null) return;
        token = fresh.token;
        continue;
      }
      const orders = [orderId, `${orderId}-other`, orderId];
      await Promise.all(orders.map((order, index) => complete(lane + index, held, order)));
      return;
    }
  }

  async function complete(lane: number, held: Redemption, orderId: string): Promise<void> {
    const receipt = await ask<GrantReceipt>(lane, "POST", "/grants/complete", secret, { redemptionId: held.redemptionId, orderId }).catch(refusalOnly);
    if (receipt === null) seen.push({ kind: "refused", grantId: held.grantId, orderId });
    else seen.push({ kind: "completed", grantId: receipt.grantId, orderId, receiptId: receipt.receiptId });
  }

  async function run(lane: number): Promise<void> {
    while (!finishing) await visit(lane);
  }
  const running = Promise.all(Array.from({ length: atOnce }, (_, lane) => run(lane)));
  running.catch(() => undefined);
  return Object.freeze<Traffic>({
    seen,
    answeredAt,
    async finish() {
      finishing = true;
      await running;
    },
  });
}

function refusalOnly(error: unknown): null {
  if (error instanceof ApiRefusal && error.status < 500) return null;
  throw error;
}

/** A node that is frozen answers nothing; its client goes elsewhere. */
async function within<Answer>(asking: Promise<Answer>): Promise<Answer> {
  asking.catch(() => undefined);
  const tooLate = new AbortController();
  const late = pause(patienceMs, undefined, { signal: tooLate.signal }).then(() => Promise.reject(new Error("No answer.")));
  late.catch(() => undefined);
  try {
    return await Promise.race([asking, late]);
  } finally {
    tooLate.abort();
  }
}
