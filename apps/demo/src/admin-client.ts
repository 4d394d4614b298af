import type { ErrorBody } from "@fanfare-io/fanfare-contract";

/** The admin plane, called with one key. */
export interface AdminClient {
  get<Answer>(path: string): Promise<Answer | null>;
  post<Answer>(path: string, body: object): Promise<Answer | null>;
  put<Answer>(path: string, body: object): Promise<Answer | null>;
  remove<Answer>(path: string): Promise<Answer | null>;
}

/** Calls the admin plane; null where the service answers 404 or 409, an error with its words otherwise. */
export function createAdminClient(adminUrl: string, key: string): AdminClient {
  async function call<Answer>(method: string, path: string, body?: object): Promise<Answer | null> {
    const answer = await fetch(`${adminUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (answer.ok) return (await answer.json()) as Answer;
    const refusal = (await answer.json()) as ErrorBody;
    if (answer.status === 404 || answer.status === 409) return null;
    throw new Error(`${method} ${path} answered ${answer.status} ${refusal.error}: ${refusal.message}`);
  }
  return Object.freeze({
    get: <Answer>(path: string) => call<Answer>("GET", path),
    post: <Answer>(path: string, body: object) => call<Answer>("POST", path, body),
    put: <Answer>(path: string, body: object) => call<Answer>("PUT", path, body),
    remove: <Answer>(path: string) => call<Answer>("DELETE", path),
  });
}
