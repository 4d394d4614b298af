import type { ScriptedAnswer, ScriptedService } from "./scripted-service.ts";
import { refusal } from "./scripted-service.ts";
import type { SimulatedClock } from "./simulated-clock.ts";

/** What befalls the next request. `lost_after` = the service does it, and the answer never arrives. */
export type Fault = "none" | "lost_before" | "lost_after" | "slow";

/** Sessions as the service keeps them: refresh tokens are counters, the immediate parent is answered with the current child for 30 s. */
export interface SessionService {
  befall(fault: Fault): void;
  /** Sessions that were revoked because an older refresh token than the parent was used: theft, or a client that lost count. */
  reused(): number;
}

interface Row {
  readonly consumerId: string;
  counter: number;
  rotatedAt: number;
  ended: boolean;
}

/** Scripts the session routes with a small truthful model. */
export function scriptTruthfulSessions(service: ScriptedService, clock: SimulatedClock): SessionService {
  const rows: Row[] = [];
  const secrets = new Map<unknown, { readonly row: number; readonly at: number }>();
  let fault: Fault = "none";
  let reused = 0;

  const answerOf = (index: number): ScriptedAnswer => {
    const { consumerId, counter } = rows[index]!;
    const session = { type: "guest", consumerId, guestId: consumerId, expiresAt: new Date(clock.now() + 3_600_000).toISOString(), bound: false };
    return {
      status: 200,
      body: { accessToken: `at-${index}-${counter}`, refreshToken: `rt-${index}-${counter}`, tokenType: "Bearer", expiresInSeconds: 600, session },
    };
  };
  const createGuest = (secret: unknown): ScriptedAnswer => {
    const known = secrets.get(secret);
    if (known) return clock.now() - known.at < 60_000 && !rows[known.row]!.ended ? answerOf(known.row) : refusal(409, "key_retired");
    const row =
      rows.push({ consumerId: `01936d6e-0000-7000-8000-${String(rows.length).padStart(12, "0")}`, counter: 1, rotatedAt: clock.now(), ended: false }) - 1;
    secrets.set(secret, { row, at: clock.now() });
    return answerOf(row);
  };
  const refresh = (token: unknown): ScriptedAnswer => {
    const [, index = "", counter = ""] = String(token).split("-");
    const row = rows[Number(index)];
    if (!row || row.ended) return refusal(401, "invalid_refresh_token", { reason: "revoked" });
    const age = row.counter - Number(counter);
    if (age > 1 || (age === 1 && clock.now() - row.rotatedAt > 30_000)) {
      reused++;
      row.ended = true;
      return refusal(401, "invalid_refresh_token", { reason: "reused" });
    }
    if (age === 0) {
      row.counter++;
      row.rotatedAt = clock.now();
    }
    return answerOf(Number(index));
  };
  const logout = (token: unknown): ScriptedAnswer => {
    const row = rows[Number(String(token).split("-")[1])];
    if (row) row.ended = true;
    return { status: 204 };
  };
  const suffer = (act: () => ScriptedAnswer): ScriptedAnswer | Promise<ScriptedAnswer> => {
    const now = fault;
    fault = "none";
    if (now === "lost_before") return "lost";
    const answer = act();
    if (now === "lost_after") return "lost";
    return now === "slow" ? new Promise((resolve) => void clock.setTimeout(() => resolve(answer), 4_000)) : answer;
  };
  service.answer("POST /auth/guest", ({ body }) => suffer(() => createGuest(body["installSecret"])));
  service.answer("POST /auth/refresh", ({ body }) => suffer(() => refresh(body["refreshToken"])));
  service.answer("POST /auth/logout", ({ body }) => suffer(() => logout(body["refreshToken"])));
  return {
    befall(next) {
      fault = next;
    },
    reused: () => reused,
  };
}
