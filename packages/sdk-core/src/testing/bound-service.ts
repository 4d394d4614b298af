import { createHash } from "node:crypto";
import type { ScriptedAnswer, ScriptedRequest, ScriptedService } from "./scripted-service.ts";
import { refusal } from "./scripted-service.ts";
import { createFaults } from "./faults.ts";
import type { Faults } from "./faults.ts";
import type { SimulatedClock } from "./simulated-clock.ts";
import { readProof } from "./simulated-keys.ts";

/** What the service made of the requests so far. */
export interface BoundService extends Pick<Faults, "befall"> {
  /** The keys that asked to be guests, in order, repeated where a key asked again. */
  readonly guestKeys: readonly string[];
  /** Consumers that there are. */
  consumers(): number;
  isEnded(consumerId: string): boolean;
  /** From now on a proof without this nonce is asked for again. */
  demandNonce(nonce: string): void;
  /** Ends all sessions, as an operator would. */
  endAll(): void;
}

interface Row {
  readonly key: string;
  readonly consumerId: string;
  ended: boolean;
}

/** Scripts the session routes with a small truthful model of bound sessions: every proof is really checked. */
export function scriptBoundSessions(service: ScriptedService, clock: SimulatedClock): BoundService {
  const rows: Row[] = [];
  const guestKeys: string[] = [];
  const { befall, suffer } = createFaults(clock);
  let demanded: string | undefined;
  let issued = 0;

  const answerOf = (row: Row, status: number): ScriptedAnswer => {
    const { consumerId } = row;
    const session = { type: "guest", consumerId, guestId: consumerId, expiresAt: new Date(clock.now() + 3_600_000).toISOString(), bound: "device" };
    const tokens = { accessToken: `at-${rows.indexOf(row)}-${++issued}`, refreshToken: `rt-${rows.indexOf(row)}` };
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
  const rowOf = (token: unknown): Row | undefined => rows[Number(String(token).split("-")[1])];
  const owned = (row: Row | undefined, key: string, act: (row: Row) => ScriptedAnswer): ScriptedAnswer => {
    if (!row || row.ended) return refusal(401, "invalid_refresh_token", { reason: "revoked" });
    return row.key === key ? act(row) : refusal(401, "invalid_dpop_proof", { reason: "key" });
  };

  service.answer("POST /auth/guest", (request) =>
    proved(request, (key) => {
      guestKeys.push(key);
      const known = rows.find((row) => row.key === key);
      if (known) return known.ended ? refusal(409, "key_retired") : answerOf(known, 200);
      const row: Row = { key, consumerId: `01936d6e-0000-7000-8000-${String(rows.length).padStart(12, "0")}`, ended: false };
      rows.push(row);
      return answerOf(row, 201);
    }),
  );
  service.answer("POST /auth/refresh", (request) => proved(request, (key) => owned(rowOf(request.body["refreshToken"]), key, (row) => answerOf(row, 200))));
  service.answer("POST /auth/logout", (request) =>
    proved(request, (key) =>
      owned(rowOf(request.body["refreshToken"]), key, (row) => {
        row.ended = true;
        return { status: 204 };
      }),
    ),
  );
  service.answer("POST /auth/otp/request", (request) =>
    proved(request, (key) =>
      owned(rowOf(request.headers.get("authorization")?.split(" ")[1]), key, () => ({
        status: 202,
        body: { expiresAt: new Date(clock.now() + 600_000).toISOString(), resendAfterSeconds: 30 },
      })),
    ),
  );
  return {
    befall,
    guestKeys,
    consumers: () => rows.length,
    isEnded: (consumerId) => rows.some((row) => row.consumerId === consumerId && row.ended),
    demandNonce(nonce) {
      demanded = nonce;
    },
    endAll() {
      for (const row of rows) row.ended = true;
    },
  };
}
