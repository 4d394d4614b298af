import type { EnterQueueAnswer, TokenResponse } from "@fanfare-io/fanfare-contract";
import { createAddresses } from "./addresses.ts";
import { openBenchDraw } from "./bench-draw.ts";
import { boundGuests, boundJoins } from "./bound.ts";
import { sendLoad } from "./load.ts";
import type { LoadFigures, LoadRequest } from "./load.ts";
import { compare } from "./median.ts";
import type { Comparison } from "./median.ts";
import type { ServiceSubject, Subject } from "./subject.ts";

/** The calls that come by the million; `bound`: with a proof of a device's key. */
export const hotCalls = ["guest", "bound guest", "enter", "bound enter", "draw", "status"] as const;
export type HotCall = (typeof hotCalls)[number];

/** How much is sent. */
export interface RoundOptions {
  readonly connections: number;
  readonly rounds: number;
  /** Requests a call and round. */
  readonly amount: number;
}

/** Sends guests, then their joins, their entries into a draw, and status questions to the service, each in turn with the floor. */
export async function measure(service: ServiceSubject, floor: Subject, options: RoundOptions): Promise<Readonly<Record<HotCall, Comparison>>> {
  const figures = hotCalls.map((call) => ({ call, subject: [] as LoadFigures[], floor: [] as LoadFigures[] }));
  const addressOf = createAddresses();
  const drawPath = await openBenchDraw(service, String(options.connections));
  for (let round = 0; round < options.rounds; round++) {
    const consumers: string[] = [];
    const polls: string[] = [];
    const loads: Readonly<Record<Exclude<HotCall, BoundCall>, Load>> = {
      guest: { next: () => guestRequest(service), onBody: (body) => consumers.push((JSON.parse(body) as TokenResponse).accessToken) },
      enter: {
        next: endless(consumers, (token) => enterRequest(service, `/api/queues/${service.launch.queueId}/enter`, token)),
        onBody: (body) => polls.push((JSON.parse(body) as EnterQueueAnswer).pollToken),
      },
      draw: { next: endless(consumers, (token) => enterRequest(service, drawPath, token)) },
      status: { next: endless(polls, (token) => statusRequest(service, token)) },
    };
    for (const { call, subject, floor: beside } of figures) {
      const { connections, amount } = options;
      // Their keys and proofs are made before the load, so that they are no part of it.
      const load = call === "bound guest" || call === "bound enter" ? inTurn(await bound[call](service, amount, addressOf)) : loads[call];
      subject.push(await sendLoad({ url: origin(service.url), connections, amount, ...load, next: () => comingFrom(addressOf(), load.next()) }));
      beside.push(await sendLoad({ url: floor.url, connections, amount, next: () => floorRequest(call) }));
    }
  }
  return Object.fromEntries(figures.map(({ call, subject, floor: beside }) => [call, compare(subject, beside)])) as Record<HotCall, Comparison>;
}

interface Load {
  readonly next: () => LoadRequest;
  readonly onBody?: (body: string) => void;
}
const bound = { "bound guest": boundGuests, "bound enter": boundJoins } as const;
type BoundCall = keyof typeof bound;

function inTurn(requests: readonly LoadRequest[]): Load {
  let next = 0;
  return { next: () => requests[next++ % requests.length] as LoadRequest };
}

const comingFrom = (address: string, request: LoadRequest): LoadRequest => ({ ...request, headers: { ...request.headers, "x-forwarded-for": address } });

const origin = (url: string): string => new URL(url).origin;

/** Goes round a list that was filled before the load began. */
function endless(tokens: readonly string[], request: (token: string) => LoadRequest): () => LoadRequest {
  let next = 0;
  return () => request(tokens[next++ % tokens.length] ?? "");
}

function guestRequest({ launch }: ServiceSubject): LoadRequest {
  return { method: "POST", path: "/api/auth/guest", headers: { "x-publishable-key": launch.publishableKey, "content-type": "application/json" }, body: "{}" };
}

function enterRequest({ launch }: ServiceSubject, path: string, accessToken: string): LoadRequest {
  const headers = { "x-publishable-key": launch.publishableKey, authorization: `Bearer ${accessToken}` };
  return { method: "POST", path, headers };
}

function statusRequest({ launch }: ServiceSubject, pollToken: string): LoadRequest {
  const headers = { "x-publishable-key": launch.publishableKey, authorization: `Poll ${pollToken}` };
  return { method: "GET", path: `/api/queues/${launch.queueId}/status`, headers };
}

function floorRequest(call: HotCall): LoadRequest {
  if (call === "status") return { method: "GET", path: "/status", headers: { authorization: `Poll ${"p".repeat(150)}` } };
  if (call === "enter" || call === "bound enter" || call === "draw")
    return { method: "POST", path: call === "draw" ? "/draw" : "/enter", headers: { authorization: `Bearer ${"a".repeat(150)}` } };
  return { method: "POST", path: "/guest", headers: { "content-type": "application/json" }, body: "{}" };
}
