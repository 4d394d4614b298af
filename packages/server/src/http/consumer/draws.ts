import type { DrawConsumerState, EnterDrawAnswer } from "@fanfare-io/fanfare-contract";
import type { Receipt, SignedStatement } from "@fanfare-io/fanfare-draw-proof";
import { findAliasOwner } from "../../data/aliases.ts";
import type { Database } from "../../data/database.ts";
import { keyOf } from "../../data/draws.ts";
import { drawState, drawableAt } from "../../domain/draw.ts";
import type { DrawFacts } from "../../domain/draw.ts";
import type { DrawDesk } from "../../draws/desk.ts";
import type { Entered } from "../../draws/entrance.ts";
import { publicDrawBody } from "../../draws/public-draw.ts";
import { writeTranscript } from "../../draws/transcript.ts";
import type { Clock } from "../../platform/clock.ts";
import { callerOf } from "../endpoint.ts";
import type { Call, Handlers } from "../endpoint.ts";
import { ServiceError } from "../service-error.ts";
import { entryLimitReached } from "./entry-gate.ts";
import type { EntryGate } from "./entry-gate.ts";
import type { Protection } from "./protection.ts";

/** What the draw routes need. */
export interface DrawHandlersDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly draws: DrawDesk;
  readonly protection: Protection;
  readonly entryGate: EntryGate;
  readonly signStatement: (text: string) => SignedStatement;
  /** A token that can do nothing but poll this draw for this consumer. */
  readonly issuePollToken: (holder: { readonly organizationId: string; readonly queueId: string; readonly consumerId: string }, now: number) => string;
}

/** What somebody who takes part is told. */
interface Place {
  readonly state: DrawConsumerState;
  readonly receipt: Receipt | null;
}

type Names = "getDraw" | "enterDraw" | "leaveDraw" | "getDrawStatus" | "getDrawProof" | "getDrawTranscript";

/** The routes of a draw: everyone's view of it, entering, withdrawing, one's own standing, and what proves it. */
export function drawHandlers(deps: DrawHandlersDeps): Handlers<Names> {
  const { draws, clock } = deps;
  const bodies = new Map<string, { readonly at: number; readonly body: ReturnType<typeof publicDrawBody> }>();

  async function drawOf(call: Pick<Call<"getDraw">, "tenant" | "params">): Promise<DrawFacts> {
    const draw = await draws.find({ organizationId: call.tenant.id, drawId: call.params["drawId"] ?? "" });
    if (draw === null) throw new ServiceError("not_found");
    return draw;
  }

  /** Made at most once a second a draw, however many ask. */
  async function sharedBody(draw: DrawFacts): Promise<ReturnType<typeof publicDrawBody>> {
    const name = `${draw.organizationId}\n${draw.id}`;
    const last = bodies.get(name);
    const now = clock.now();
    if (last !== undefined && now - last.at < 1_000 && now >= last.at) return last.body;
    const body = publicDrawBody(draw, await draws.statements(draw), now);
    if (bodies.size > 1_000) bodies.clear();
    bodies.set(name, { at: now, body });
    return body;
  }

  /** The place of somebody who takes part already, whatever newcomers are asked for; null for everybody else. */
  async function placeOf(draw: DrawFacts, consumerId: string): Promise<Place | null> {
    const place = await draws.place(draw, consumerId);
    return place.state.status === "NOT_ENTERED" || place.state.status === "LEFT" ? null : place;
  }

  async function enter(draw: DrawFacts, call: Call<"enterDraw">): Promise<Place> {
    const { consumerId } = callerOf(call);
    const now = clock.now();
    const state = drawState(draw, now);
    // Entering finds those who are in as well. Where nobody is looked at, that spares each newcomer a question to the database.
    const isKnownFirst = state !== "open" || (await deps.protection.looksAt(call.tenant.id, draw.experienceId));
    const known = isKnownFirst ? await placeOf(draw, consumerId) : null;
    if (known !== null) return known;
    if (state === "upcoming") {
      const retryAfterSeconds = Math.max(1, Math.ceil((draw.opensAt - now) / 1000));
      throw new ServiceError("draw_not_open", { details: { opensAt: new Date(draw.opensAt).toISOString() }, retryAfterSeconds });
    }
    let entered: Exclude<Entered, { readonly kind: "limited" }>;
    try {
      entered = state === "open" ? await enterOpen(draw, call) : { kind: "closed" };
    } catch (refused) {
      // What is asked of newcomers is not asked of those who are in.
      const place = isKnownFirst || !(refused instanceof ServiceError) ? null : await placeOf(draw, consumerId);
      if (place === null) throw refused;
      return place;
    }
    if (entered.kind === "full") throw new ServiceError("draw_full", { retryAfterSeconds: 30 });
    if (entered.kind === "closed") return { state: await refusal(draw), receipt: null };
    if (entered.fresh !== null) return { state: draws.welcome(draw, consumerId, entered.fresh.entry), receipt: entered.fresh.receipt };
    return draws.place(draw, consumerId);
  }

  async function enterOpen(draw: DrawFacts, call: Call<"enterDraw">): Promise<Exclude<Entered, { readonly kind: "limited" }>> {
    const way = { experienceId: draw.experienceId, distributionId: draw.id };
    const terms = await deps.entryGate.demand(call, { ...way, sequenceId: draw.sequenceId });
    await deps.protection.demand(call, way);
    await deps.entryGate.bind(call, way, terms);
    const entered = await draws.enter(draw, callerOf(call).consumerId, terms.maxEntriesPerConsumer !== null);
    if (entered.kind === "limited") throw entryLimitReached(terms.maxEntriesPerConsumer);
    return entered;
  }

  async function refusal(draw: DrawFacts): Promise<DrawConsumerState> {
    const current = (await draws.refresh(keyOf(draw))) ?? draw;
    return { status: "DENIED", denyReason: drawState(current, clock.now()) === "cancelled" ? "DRAW_CANCELLED" : "DRAW_CLOSED" };
  }

  return {
    async getDraw(call) {
      return { shared: await sharedBody(await drawOf(call)) };
    },
    async enterDraw(call) {
      const draw = await drawOf(call);
      const { consumerId } = callerOf(call);
      const { state, receipt } = await enter(draw, call);
      const pollToken = deps.issuePollToken({ organizationId: call.tenant.id, queueId: draw.id, consumerId }, clock.now());
      return { body: { ...state, pollToken, ...(receipt === null ? {} : { receipt: { ...receipt } }) } satisfies EnterDrawAnswer };
    },
    async leaveDraw(call) {
      const draw = await drawOf(call);
      const { consumerId } = callerOf(call);
      const left = await draws.leave(draw, consumerId);
      const standing = await draws.standing((await draws.find(keyOf(draw))) ?? draw, consumerId);
      // Whoever never entered has nothing to withdraw and is told so; whoever is in a closed list stays in it.
      if (!left && !["NOT_ENTERED", "LEFT", "CANCELLED"].includes(standing.status)) throw new ServiceError("draw_closed");
      return { body: standing };
    },
    async getDrawStatus(call) {
      const draw = await drawOf(call);
      const { consumerId } = callerOf(call);
      const standing = await draws.standing(draw, consumerId);
      // A poll token may name a guest who has become somebody: its entry is theirs now.
      const owner = standing.status === "NOT_ENTERED" ? await findAliasOwner(deps.db, call.tenant.id, consumerId) : null;
      return { body: owner === null ? standing : await draws.standing(draw, owner) };
    },
    async getDrawProof(call) {
      const draw = await drawOf(call);
      if (draw.root === null) throw new ServiceError("draw_not_closed");
      const proof = await draws.proof(draw, callerOf(call).consumerId);
      if (proof === null) throw new ServiceError("not_found");
      return { body: { ...proof } };
    },
    async getDrawTranscript(call) {
      const draw = await drawOf(call);
      if (draw.root === null) {
        const drawAt = drawableAt(draw);
        throw new ServiceError("draw_not_drawn", {
          details: { drawAt: new Date(drawAt).toISOString() },
          retryAfterSeconds: Math.max(1, Math.ceil((drawAt - clock.now()) / 1000)),
        });
      }
      return { stream: writeTranscript(deps.db, draw, deps.signStatement) };
    },
  };
}
