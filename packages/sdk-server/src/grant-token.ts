import { FanfareError } from "./fanfare-error.ts";

/** A token as the shopper's page posted it, with the nonce that the shop gave that page, where it gave one. */
export interface GrantToken {
  readonly token: string;
  readonly nonce?: string;
}

/** A shop passes on whatever the browser posted: what is not a token at all is refused here, without a request. */
export function checkToken(given: unknown): GrantToken {
  const { token, nonce } = typeof given === "object" && given !== null ? (given as Partial<Record<"token" | "nonce", unknown>>) : { token: given };
  if (typeof token !== "string" || token === "" || token.length > 4096) {
    throw new FanfareError("INVALID_GRANT_TOKEN", "No grant token was given.", { status: 422, details: { reason: "malformed" } });
  }
  return typeof nonce === "string" ? { token, nonce } : { token };
}
