import fc from "fast-check";

/** Text that programs trip over. */
export const oddText = fc.oneof(
  fc.constantFrom(
    "",
    " ",
    "null",
    "undefined",
    "../../etc/passwd",
    "%00",
    "' or 1=1 --",
    "\u0000",
    "💥".repeat(20),
    "a".repeat(500),
    "constructor",
    "__proto__",
  ),
  fc.string({ unit: "binary", maxLength: 60 }),
);
const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  oddText,
  fc.integer(),
  fc.double(),
  fc.constantFrom(null, true, [], {}, [[]], -1, 1e308),
  fc.object({ maxDepth: 2 }),
);
const fields = [
  "id",
  "name",
  "refreshToken",
  "installSecret",
  "sessionDuration",
  "sessionSignals",
  "email",
  "phone",
  "code",
  "accessCode",
  "distributionId",
  "nonce",
  "token",
  "redemptionId",
  "orderId",
  "orderAmount",
  "kind",
  "key",
  "experienceId",
  "sequenceId",
  "priority",
  "admitRate",
  "openAt",
  "closeAt",
  "capacity",
  "sequence",
  "timeZone",
  "embeddingAllowedHosts",
  "publishableKey",
  "secretKey",
  "__proto__",
];
const oddObject = fc.dictionary(fc.constantFrom(...fields), oddValue, { maxKeys: 6 });
/** A body that no route expects, or nearly one. */
export const oddBody = fc.oneof(
  { weight: 6, arbitrary: oddObject.map((value) => JSON.stringify(value)) },
  { weight: 2, arbitrary: oddValue.map((value) => JSON.stringify(value) ?? "undefined") },
  { weight: 1, arbitrary: oddText },
  {
    weight: 1,
    arbitrary: fc.constantFrom("{", "[[[[", '{"a":', "{}{}", '{"a":1,}', "\ufeff{}", '"'.repeat(50), `{"name":"${"x".repeat(40_000)}"}`, "[".repeat(9000)),
  },
);
/** Text as a header may carry it: Node refuses to send anything else. */
export const headerSafe = (text: string): string => text.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, 300);

/** Kinds that a body may be said to be of. */
export const contentType = fc.constantFrom(
  "application/json",
  "application/json; charset=utf-8",
  "text/plain",
  "multipart/form-data",
  "",
  "application/json;;;",
  "APPLICATION/JSON",
);
/** What may stand where a path has an id. */
export const pathPart = fc.oneof(
  fc.constantFrom("queue_line", "exp_launch", "queue_", "..", "%2e%2e", "%", "%E0%A4%A", "*", "a".repeat(300), "constructor"),
  oddText.map((text) => encodeURIComponent(text.replaceAll(/[\ud800-\udfff]/g, ""))),
);
/** Parameters that nobody asked for. */
export const query = fc.oneof(
  fc.constant(""),
  fc.constantFrom("?version=x", "?version=-1", "?version=1&version=2", "?first=0", "?first=1e9", "?after=%00", "?pk[]=1", "?__proto__=1", "?&&&=="),
);
