import { errorCatalog } from "../packages/contract/src/index.ts";

const retries = { never: "no", after: "after `Retry-After`", backoff: "with growing, jittered pauses" };

/** `docs/errors.md`, from the catalog. @returns {string} */
export function errorPage() {
  const rows = Object.entries(errorCatalog)
    .toSorted(([a, one], [b, other]) => one.status - other.status || (a < b ? -1 : 1))
    .map(([code, { status, retry, message }]) => `| \`${code}\` | ${status} | ${retries[retry]} | ${message} |`);
  return `# Errors

<!-- Generated from packages/contract/src/errors.ts by \`npm run generate\`; a test says whether it is current. -->

Every failed answer has one shape, 404, 413 and 415 included:

\`\`\`json
{ "error": "queue_not_open", "message": "…", "details": { "opensAt": "…" }, "requestId": "req_…" }
\`\`\`

\`error\` is one of the codes below and the only part to branch on; \`message\` is for people and may change. \`details\` depends on the code. A \`validation_error\` lists
each wrong field under \`issues\` (\`path\`, \`message\`, \`expected\`). Quote \`requestId\` when you report a problem.

In the SDKs the same code stands in upper case on the error (\`QUEUE_NOT_OPEN\`), with \`status\`, \`retryable\` and, where the service named one, \`retryAfterSeconds\`. The SDKs
repeat what may be repeated by themselves.

| code | status | repeat | meaning |
| --- | --- | --- | --- |
${rows.join("\n")}
`;
}
