import type { EnterQueueAnswer, TokenResponse } from "@fanfare-io/fanfare-contract";
import { openBenchDraw } from "./bench-draw.ts";
import { makeBoundGuests } from "./bound-guests.ts";
import { sendLoad } from "./load.ts";
import type { LoadFigures, LoadRequest } from "./load.ts";
import { compare } from "./median.ts";
import type { Comparison } from "./median.ts";
import { currentNonce } from "./proofs.ts";
import type { ServiceSubject, Subject } from "./subject.ts";

/** The calls that come by the million; "proved" is a join with a device proof of its own. */
export const hotCalls = ["guest", "enter", "proved", "draw", "status"] as const;
export type HotCall = (typeof hotCalls)[number];

/** How much is sent. */
export interface RoundOptions {
  readonly connections: number;
  readonly rounds: number;
  /** Requests a call and round. */
  readonly amount: number;
}

/** Sends guests, then their joins, joins of others who prove a key, entries into a draw, and status questions to the service, each in turn with the floor. */
export async function measure(service: ServiceSubject, floor: Subject, options: RoundOptions): Promise<Readonly<Record<HotCall, Comparison>>> {
  const figures: Record<HotCall, { subject: LoadFigures[]; floor: LoadFigures[] }> = {
    guest: { subject: [], floor: [] },
    enter: { subject: [], floor: [] },
    proved: { subject: [], floor: [] },
    draw: { subject: [], floor: [] },
    status: { subject: [], floor: [] },
  };
  const enterPath = `/api/queues/${service.launch.queueId}/enter`;
  const addressOf = createAddresses();
  const drawPath = await openBenchDraw(service, String(options.connections));
  for (let round = 0; round < options.rounds; round++) {
    const consumers: string[] = [];
    const polls: string[] = [];
    const proved: LoadRequest[] = [];
    const loads: Readonly<Record<HotCall, { readonly next: () => LoadRequest; readonly onBody?: (body: string) => void }>> = {
      guest: { next: () => guestRequest(service, addressOf()), onBody: (body) => consumers.push((JSON.parse(body) as TokenResponse).accessToken) },
      enter: {
        next: endless(consumers, (token) => enterRequest(service, enterPath, `Bearer ${token}`, addressOf())),
        onBody: (body) => polls.push((JSON.parse(body) as EnterQueueAnswer).pollToken),
      },
      proved: { next: endless(proved, (request) => request) },
      draw: { next: endless(consumers, (token) => enterRequest(service, drawPath, `Bearer ${token}`, addressOf())) },
      status: { next: endless(polls, (token) => statusRequest(service, token, addressOf())) },
    };
    for (const call of hotCalls) {
      const { connections, amount } = options;
      // Proofs are made now and not before: the service's nonce is good for a minute or two.
      if (call === "proved") proved.push(...(await proveJoins(service, enterPath, amount, addressOf)));
      figures[call].subject.push(await sendLoad({ url: origin(service.url), connections, amount, ...loads[call] }));
      figures[call].floor.push(await sendLoad({ url: floor.url, connections, amount, next: () => floorRequest(call) }));
    }
  }
  return {
    guest: compare(figures.guest.subject, figures.guest.floor),
    enter: compare(figures.enter.subject, figures.enter.floor),
    proved: compare(figures.proved.subject, figures.proved.floor),
    draw: compare(figures.draw.subject, figures.draw.floor),
    status: compare(figures.status.subject, figures.status.floor),
  };
}

const origin = (url: string): string => new URL(url).origin;

/** Goes round a list that was filled before the load began. */
function endless<Each>(list: readonly Each[], request: (each: Each) => LoadRequest): () => LoadRequest {
  let next = 0;
  return () => request(list[next++ % list.length] as Each);
}

/** Addresses all over the internet, none of them twice in a load: with limits on, a crowd behind one address would be asked to work. */
function createAddresses(): () => string {
  let next = 0;
  return () => {
    const bits = Math.imul(++next, 0x9e3779b1) >>> 0;
    return [(bits >>> 24) % 223 || 1, (bits >>> 16) & 255, (bits >>> 8) & 255, bits & 255].join(".");
  };
}

async function proveJoins(service: ServiceSubject, path: string, amount: number, addressOf: () => string): Promise<readonly LoadRequest[]> {
  const guests = await makeBoundGuests(service, amount, addressOf);
  const nonce = await currentNonce(service.url);
  const url = `${origin(service.url)}${path}`;
  return guests.map(({ device, accessToken }) => {
    const request = enterRequest(service, path, `DPoP ${accessToken}`, addressOf());
    return { ...request, headers: { ...request.headers, dpop: device.proof("POST", url, nonce, accessToken) } };
  });
}

function guestRequest({ launch }: ServiceSubject, address: string): LoadRequest {
  const headers = { "x-publishable-key": launch.publishableKey, "content-type": "application/json", "x-forwarded-for": address };
  return { method: "POST", path: "/api/auth/guest", headers, body: "{}" };
}

function enterRequest({ launch }: ServiceSubject, path: string, authorization: string, address: string): LoadRequest {
  return { method: "POST", path, headers: { "x-publishable-key": launch.publishableKey, authorization, "x-forwarded-for": address } };
}

function statusRequest({ launch }: ServiceSubject, pollToken: string, address: string): LoadRequest {
  const headers = { "x-publishable-key": launch.publishableKey, authorization: `Poll ${pollToken}`, "x-forwarded-for": address };
  return { method: "GET", path: `/api/queues/${launch.queueId}/status`, headers };
}

function floorRequest(call: HotCall): LoadRequest {
  if (call === "status") return { method: "GET", path: "/status", headers: { authorization: `Poll ${"p".repeat(150)}` } };
  if (call === "enter" || call === "proved" || call === "draw")
    return { method: "POST", path: "/enter", headers: { authorization: `Bearer ${"a".repeat(150)}` } };
  return { method: "POST", path: "/guest", headers: { "content-type": "application/json" }, body: "{}" };
}
