import type { EnterQueueAnswer, TokenResponse } from "@fanfare-io/fanfare-contract";
import { openBenchDraw } from "./bench-draw.ts";
import { sendLoad } from "./load.ts";
import type { LoadFigures, LoadRequest } from "./load.ts";
import { compare } from "./median.ts";
import type { Comparison } from "./median.ts";
import type { ServiceSubject, Subject } from "./subject.ts";

/** The three calls that come by the million. */
export type HotCall = "guest" | "enter" | "draw" | "status";

/** How much is sent. */
export interface RoundOptions {
  readonly connections: number;
  readonly rounds: number;
  /** Requests a call and round. */
  readonly amount: number;
}

/** Sends guests, then their joins, their entries into a draw, and status questions to the service, each in turn with the floor. */
export async function measure(service: ServiceSubject, floor: Subject, options: RoundOptions): Promise<Readonly<Record<HotCall, Comparison>>> {
  const figures: Record<HotCall, { subject: LoadFigures[]; floor: LoadFigures[] }> = {
    guest: { subject: [], floor: [] },
    enter: { subject: [], floor: [] },
    draw: { subject: [], floor: [] },
    status: { subject: [], floor: [] },
  };
  const drawPath = await openBenchDraw(service, String(options.connections));
  for (let round = 0; round < options.rounds; round++) {
    const consumers: string[] = [];
    const polls: string[] = [];
    const loads: Readonly<Record<HotCall, { readonly next: () => LoadRequest; readonly onBody?: (body: string) => void }>> = {
      guest: { next: () => guestRequest(service), onBody: (body) => consumers.push((JSON.parse(body) as TokenResponse).accessToken) },
      enter: {
        next: endless(consumers, (token) => enterRequest(service, `/api/queues/${service.launch.queueId}/enter`, token)),
        onBody: (body) => polls.push((JSON.parse(body) as EnterQueueAnswer).pollToken),
      },
      draw: { next: endless(consumers, (token) => enterRequest(service, drawPath, token)) },
      status: { next: endless(polls, (token) => statusRequest(service, token)) },
    };
    for (const call of ["guest", "enter", "draw", "status"] as const) {
      const { connections, amount } = options;
      figures[call].subject.push(await sendLoad({ url: origin(service.url), connections, amount, ...loads[call] }));
      figures[call].floor.push(await sendLoad({ url: floor.url, connections, amount, next: () => floorRequest(call) }));
    }
  }
  return {
    guest: compare(figures.guest.subject, figures.guest.floor),
    enter: compare(figures.enter.subject, figures.enter.floor),
    draw: compare(figures.draw.subject, figures.draw.floor),
    status: compare(figures.status.subject, figures.status.floor),
  };
}

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
  if (call === "enter" || call === "draw") return { method: "POST", path: "/enter", headers: { authorization: `Bearer ${"a".repeat(150)}` } };
  return { method: "POST", path: "/guest", headers: { "content-type": "application/json" }, body: "{}" };
}
