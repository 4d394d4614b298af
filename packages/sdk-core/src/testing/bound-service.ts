import { createHash } from "node:crypto";
import type { GuestSession, ParticipationRef, UnlinkOutcome } from "@fanfare-io/fanfare-contract";
import type { ScriptedAnswer, ScriptedRequest, ScriptedService } from "./scripted-service.ts";
import { refusal } from "./scripted-service.ts";
import { createFaults } from "./faults.ts";
import type { Faults } from "./faults.ts";
import type { SimulatedClock } from "./simulated-clock.ts";
import { createKnownConsumers } from "./known-consumers.ts";
import type { Holder, KnownConsumers } from "./known-consumers.ts";
import { readProof } from "./simulated-keys.ts";

/** What the service made of the requests so far. */
export interface BoundService extends Pick<Faults, "befall">, Pick<KnownConsumers, "settle" | "reject"> {
  /** The keys that asked to be guests, in order, repeated where a key asked again. */
  readonly guestKeys: readonly string[];
  /** Guests that were made. */
  consumers(): number;
  isEnded(consumerId: string): boolean;
  /** From now on a proof without this nonce is asked for again. */
  demandNonce(nonce: string): void;
  /** Ends all sessions, as an operator would. */
  endAll(): void;
  /** Makes whoever was merged the guest again that they were, as an operator would. */
  unlinkAll(reentered: readonly ParticipationRef[]): void;
}

interface Row extends Holder {
  readonly key: string;
  /** Grows at each upgrade: the token from before the last one is answered with the one from after it. */
  generation: number;
  ended: boolean;
  /** The guest's again, that took this one's place; told with every answer to a token of this one. */
  successor?: { readonly row: Row; readonly unlinked: UnlinkOutcome };
}

/** Scripts the session routes with a small truthful model of bound sessions: every proof is really checked. */
export function scriptBoundSessions(service: ScriptedService, clock: SimulatedClock): BoundService {
  const rows: Row[] = [];
  const guestKeys: string[] = [];
  const { befall, suffer } = createFaults(clock);
  let demanded: string | undefined;
  let issued = 0;
  let guests = 0;
  const known = createKnownConsumers(clock);

  const answerOf = (row: Row, status: number, session = known.session(row)): ScriptedAnswer => {
    const index = rows.indexOf(row);
    const tokens = { accessToken: `at-${index}-${++issued}`, refreshToken: `rt-${index}-${row.generation}` };
    return { status, body: { ...tokens, tokenType: "DPoP", expiresInSeconds: 600, session } };
  };
  const proved = (request: ScriptedRequest, act: (key: string) => ScriptedAnswer) => suffer(() => check(request, act));
  /** Runs `act` with the key that was proved for this very request. */
  const check = (request: ScriptedRequest, act: (key: string) => ScriptedAnswer): ScriptedAnswer => {
    const proof = request.headers.get("dpop");
    if (proof === null) return refusal(401, "invalid_dpop_proof", { reason: "missing" });
    const { key, claims } = readProof(proof);
    if (claims["htm"] !== request.method || claims["htu"] !== `https://api.test/api${request.path}`)
      return refusal(401, "invalid_dpop_proof", { reason: "url" });
    if (demanded !== undefined && claims["nonce"] !== demanded) return refusal(401, "use_dpop_nonce", undefined, { "dpop-nonce": demanded });
    const token = /^DPoP (.+)$/.exec(request.headers.get("authorization") ?? "")?.[1];
    if (token !== undefined && claims["ath"] !== createHash("sha256").update(token).digest("base64url"))
      return refusal(401, "invalid_dpop_proof", { reason: "token" });
    return act(key);
  };
  const made = (key: string): Row => {
    const consumerId = `01936d6e-0000-7000-8000-${String(rows.length).padStart(12, "0")}`;
    const row: Row = { key, consumerId, email: null, guestId: null, generation: 1, ended: false };
    rows.push(row);
    return row;
  };
  /** Whose call it is, by its access token; undefined for one without. */
  const callerOf = ({ headers }: ScriptedRequest): Row | undefined => rowOf(headers.get("authorization")?.split(" ")[1]);
  /** A call in the name of a session, or of the key alone. */
  const asWhoever = (request: ScriptedRequest, key: string, act: (row: Row | null) => ScriptedAnswer): ScriptedAnswer => {
    if (!request.headers.has("authorization")) return rows.some((row) => row.key === key && row.ended) ? refusal(409, "key_retired") : act(null);
    const row = callerOf(request);
    if (!row || row.ended) return refusal(401, "invalid_access_token");
    return row.key === key ? act(row) : refusal(401, "invalid_dpop_proof", { reason: "key" });
  };
  const rowOf = (token: unknown): Row | undefined => rows[Number(String(token).split("-")[1])];
  const owned = (row: Row | undefined, key: string, act: (row: Row) => ScriptedAnswer): ScriptedAnswer => {
    if (!row || (row.ended && !row.successor)) return refusal(401, "invalid_refresh_token", { reason: "revoked" });
    return row.key === key ? act(row) : refusal(401, "invalid_dpop_proof", { reason: "key" });
  };

  service.answer("POST /auth/guest", (request) =>
    proved(request, (key) => {
      guestKeys.push(key);
      const there = rows.find((row) => row.key === key);
      if (there?.email) return refusal(409, there.ended ? "key_retired" : "session_upgraded");
      if (there) return there.ended ? refusal(409, "key_retired") : answerOf(there, 200);
      guests++;
      return answerOf(made(key), 201);
    }),
  );
  service.answer("POST /auth/refresh", (request) =>
    proved(request, (key) =>
      owned(rowOf(request.body["refreshToken"]), key, (row) => {
        if (row.successor) {
          const { row: own, unlinked } = row.successor;
          return answerOf(own, 200, { ...(known.session(own) as GuestSession), unlinked });
        }
        const age = row.generation - Number(String(request.body["refreshToken"]).split("-")[2]);
        return age > 1 ? refusal(401, "invalid_refresh_token", { reason: "reused" }) : answerOf(row, 200);
      }),
    ),
  );
  service.answer("POST /auth/logout", (request) =>
    proved(request, (key) =>
      owned(rowOf(request.body["refreshToken"]), key, (row) => {
        row.ended = true;
        return { status: 204 };
      }),
    ),
  );
  service.answer("POST /auth/otp/request", (request) => proved(request, (key) => asWhoever(request, key, () => known.request(request, key))));
  service.answer("POST /auth/otp/verify", (request) =>
    proved(request, (key) =>
      asWhoever(request, key, (caller) => {
        const refused = known.refuse(request, key, caller);
        if (refused) return refused;
        const row = caller ?? rows.find((it) => it.key === key) ?? made(key);
        const email = String(request.body["email"]);
        if (row.email !== email) row.generation++;
        const linked = known.link(row, email);
        return answerOf(row, 200, known.session(row, caller ? linked : { ...linked, kind: "created" }));
      }),
    ),
  );
  return {
    befall,
    guestKeys,
    consumers: () => guests,
    settle: known.settle,
    reject: known.reject,
    isEnded: (consumerId) => rows.some((row) => row.consumerId === consumerId && row.ended),
    demandNonce(nonce) {
      demanded = nonce;
    },
    endAll() {
      for (const row of rows) row.ended = true;
    },
    unlinkAll(reentered) {
      for (const row of rows.filter(({ email, guestId }) => email !== null && guestId !== null)) {
        const own: Row = { key: row.key, consumerId: row.guestId ?? "", email: null, guestId: null, generation: 1, ended: false };
        rows.push(own);
        row.ended = true;
        row.successor = { row: own, unlinked: { fromConsumerId: row.consumerId, reentered } };
      }
    },
  };
}
