import type {
  CreatedOrganization,
  CreateQueueRequest,
  EnterQueueAnswer,
  ErrorBody,
  GrantReceipt,
  Presentation,
  QueueConsumerState,
  Redemption,
  TokenResponse,
} from "@fanfare-io/fanfare-contract";

/** A refusal of the service, as an exception. */
export class ApiRefusal extends Error {
  override readonly name = "ApiRefusal";
  readonly status: number;
  readonly body: ErrorBody | undefined;

  constructor(method: string, path: string, status: number, body: ErrorBody | undefined) {
    super(`${method} ${path}: ${status} ${body?.error ?? ""}`);
    this.status = status;
    this.body = body;
  }
}

/** Calls a route and returns its body; raises `ApiRefusal` for anything but 2xx, and what fetch raises when nothing answers. */
export async function call<Body>(method: string, url: string, headers: Readonly<Record<string, string>>, body?: unknown): Promise<Body> {
  const answer = await fetch(url, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  const parsed: unknown = text === "" ? undefined : JSON.parse(text);
  if (!answer.ok) throw new ApiRefusal(method, new URL(url).pathname, answer.status, parsed as ErrorBody | undefined);
  return parsed as Body;
}

/** A launch of a test's own: an organization, its keys, one experience with one queue. */
export interface TestLaunch {
  readonly organizationId: string;
  readonly publishableKey: string;
  readonly secretKey: string;
  readonly experienceId: string;
  readonly queueId: string;
}

/** Makes a launch through the admin plane. */
export async function createLaunch(
  adminUrl: string,
  operatorKey: string,
  queue: Partial<Omit<CreateQueueRequest, "sequenceId">> = {},
  names: { readonly organizationId?: string; readonly publishableKey?: string; readonly experienceId?: string } = {},
): Promise<TestLaunch> {
  const organization = await call<CreatedOrganization>(
    "POST",
    `${adminUrl}/organizations`,
    { authorization: `Bearer ${operatorKey}` },
    {
      name: "Test shop",
      ...(names.organizationId === undefined ? {} : { id: names.organizationId }),
      ...(names.publishableKey === undefined ? {} : { publishableKey: names.publishableKey }),
    },
  );
  const experienceId = names.experienceId ?? "exp_launch";
  const queueId = queue.id ?? "queue_line";
  const sequence = { name: "Everyone", queues: [{ name: "The line", admitRate: 6000, ...queue, id: queueId }] };
  await call("POST", `${adminUrl}/experiences`, { authorization: `Bearer ${organization.secretKey}` }, { id: experienceId, name: "Launch", sequence });
  return {
    organizationId: organization.organization.id,
    publishableKey: organization.publishableKey,
    secretKey: organization.secretKey,
    experienceId,
    queueId,
  };
}

/** One consumer at the bare API, without the SDK: for loads and faults. */
export interface Shopper {
  readonly consumerId: string;
  readonly accessToken: string;
  enter(): Promise<EnterQueueAnswer>;
  status(): Promise<QueueConsumerState>;
  leave(): Promise<QueueConsumerState>;
  present(nonce?: string): Promise<Presentation>;
}

/** Becomes an anonymous consumer. */
export async function arrive(consumerUrl: string, launch: TestLaunch): Promise<Shopper> {
  const key = { "x-publishable-key": launch.publishableKey };
  const { accessToken, session } = await call<TokenResponse>("POST", `${consumerUrl}/auth/guest`, key, {});
  const headers = { ...key, authorization: `Bearer ${accessToken}` };
  const queue = `${consumerUrl}/queues/${launch.queueId}`;
  return Object.freeze({
    consumerId: session.consumerId,
    accessToken,
    enter: () => call<EnterQueueAnswer>("POST", `${queue}/enter`, headers),
    status: () => call<QueueConsumerState>("GET", `${queue}/status`, headers),
    leave: () => call<QueueConsumerState>("POST", `${queue}/leave`, headers),
    present: (nonce?: string) =>
      call<Presentation>("POST", `${consumerUrl}/grants/presentation`, headers, { distributionId: launch.queueId, ...(nonce === undefined ? {} : { nonce }) }),
  });
}

/** The shop's backend at the bare API. */
export interface Merchant {
  validate(token: string, nonce?: string): Promise<Redemption>;
  complete(redemptionId: string, orderId: string): Promise<GrantReceipt>;
}

/** A shop with its secret key. */
export function merchantOf(consumerUrl: string, launch: TestLaunch): Merchant {
  const headers = { authorization: `Bearer ${launch.secretKey}` };
  return Object.freeze({
    validate: (token: string, nonce?: string) =>
      call<Redemption>("POST", `${consumerUrl}/grants/validate`, headers, { token, ...(nonce === undefined ? {} : { nonce }) }),
    complete: (redemptionId: string, orderId: string) => call<GrantReceipt>("POST", `${consumerUrl}/grants/complete`, headers, { redemptionId, orderId }),
  });
}
