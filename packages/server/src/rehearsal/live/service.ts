import type {
  EnterQueueAnswer,
  ErrorBody,
  ErrorCode,
  GrantReceipt,
  Presentation,
  PublicQueue,
  Queue,
  QueueConsumerState,
  QueueMetrics,
  Redemption,
  TokenResponse,
} from "@fanfare-io/fanfare-contract";
import type { Call, Connection } from "./connection.ts";

/** Where a rehearsal plays, and with which keys. */
export interface LiveTarget {
  /** Ends in `/api`. */
  readonly consumerUrl: string;
  /** Ends in `/api`. */
  readonly adminUrl: string;
  readonly queueId: string;
  readonly publishableKey: string;
  readonly secretKey: string;
}

/** An answer that is no success, with the code of the service's catalog; `unreachable` when nobody answered. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: ErrorCode | "unreachable" | "unreadable";
  readonly retryAfterSeconds: number | undefined;

  constructor(code: Refusal["code"], message: string, retryAfterSeconds?: number) {
    super(message);
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** What only an operator asks: not part of what a launch costs. */
export const operatorRoutes: ReadonlySet<string> = new Set(["read the queue", "read the metrics"]);

/** The service as shoppers, the shop's backend and the operator see it. Every call raises `Refusal`. */
export interface LiveService {
  guest(): Promise<TokenResponse>;
  refresh(refreshToken: string): Promise<TokenResponse>;
  enter(accessToken: string): Promise<EnterQueueAnswer>;
  leave(accessToken: string): Promise<QueueConsumerState>;
  status(pollToken: string, version: number): Promise<QueueConsumerState>;
  /** The body that everybody shares. */
  shared(): Promise<PublicQueue>;
  present(accessToken: string): Promise<Presentation>;
  validate(token: string): Promise<Redemption>;
  complete(redemptionId: string, orderId: string): Promise<GrantReceipt>;
  queue(): Promise<Queue>;
  metrics(): Promise<QueueMetrics>;
}

/** Speaks to a service over a connection; `onReply` hears of every answer, and whether it was a refusal. */
export function createLiveService(connection: Connection, target: LiveTarget, onReply: (route: string, refusal: Refusal | null) => void): LiveService {
  const { consumerUrl, adminUrl, queueId } = target;
  const key = { "x-publishable-key": target.publishableKey };
  const shop = { authorization: `Bearer ${target.secretKey}` };
  const line = `${consumerUrl}/queues/${encodeURIComponent(queueId)}`;
  const desk = `${adminUrl}/queues/${encodeURIComponent(queueId)}`;

  async function ask<Body>(call: Call): Promise<Body> {
    const refuse = (refusal: Refusal): never => {
      onReply(call.route, refusal);
      throw refusal;
    };
    const reply = await connection.send(call).catch((error: unknown) => refuse(new Refusal("unreachable", `${call.route}: ${messageOf(error)}`)));
    if (reply.status >= 200 && reply.status < 300) {
      onReply(call.route, null);
      return reply.body as Body;
    }
    const error = reply.body as ErrorBody | null;
    return refuse(new Refusal(error?.error ?? "unreadable", `${call.route}: ${error?.message ?? `status ${reply.status}`}`, reply.retryAfterSeconds));
  }

  const as = (accessToken: string): Readonly<Record<string, string>> => ({ ...key, authorization: `Bearer ${accessToken}` });
  return Object.freeze<LiveService>({
    guest: () => ask({ route: "become a guest", method: "POST", url: `${consumerUrl}/auth/guest`, headers: key, body: {} }),
    refresh: (refreshToken) => ask({ route: "renew the session", method: "POST", url: `${consumerUrl}/auth/refresh`, headers: key, body: { refreshToken } }),
    enter: (token) => ask({ route: "join the line", method: "POST", url: `${line}/enter`, headers: as(token) }),
    leave: (token) => ask({ route: "leave the line", method: "POST", url: `${line}/leave`, headers: as(token) }),
    status: (token, version) =>
      ask({ route: "ask one's standing", method: "GET", url: `${line}/status?version=${version}`, headers: { ...key, authorization: `Poll ${token}` } }),
    shared: () => ask({ route: "read the shared body", method: "GET", url: line, headers: key }),
    present: (token) =>
      ask({ route: "show the grant", method: "POST", url: `${consumerUrl}/grants/presentation`, headers: as(token), body: { distributionId: queueId } }),
    validate: (token) => ask({ route: "check the grant", method: "POST", url: `${consumerUrl}/grants/validate`, headers: shop, body: { token } }),
    complete: (redemptionId, orderId) =>
      ask({ route: "complete the order", method: "POST", url: `${consumerUrl}/grants/complete`, headers: shop, body: { redemptionId, orderId } }),
    queue: () => ask({ route: "read the queue", method: "GET", url: desk, headers: shop }),
    metrics: () => ask({ route: "read the metrics", method: "GET", url: `${desk}/metrics`, headers: shop }),
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || String((error as NodeJS.ErrnoException).code) : String(error);
}
