import { createPrivateKey, sign } from "node:crypto";

// The seed that every service of these tests signs with, as PKCS #8 (RFC 8410).
const signingKey = createPrivateKey({
  key: Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.alloc(32, 1)]),
  format: "der",
  type: "pkcs8",
});

/** The same presentation as it will be so many seconds later: signed by the service's own key, so that its age alone is against it. */
export function aged(token: string, seconds: number): string {
  const [header = "", body = ""] = token.split(".");
  const claims = JSON.parse(Buffer.from(body, "base64url").toString("utf8")) as { iat: number; exp: number };
  const older = { ...claims, iat: claims.iat - seconds, exp: claims.exp - seconds };
  const signed = `${header}.${Buffer.from(JSON.stringify(older)).toString("base64url")}`;
  return `${signed}.${sign(null, Buffer.from(signed), signingKey).toString("base64url")}`;
}
