import { expect, test } from "vitest";
import { createLog, scrub } from "./log.ts";

function capture(): { lines: string[]; log: ReturnType<typeof createLog> } {
  const lines: string[] = [];
  return { lines, log: createLog("debug", { write: (line: string) => void lines.push(line) }) };
}

test("secrets and people's addresses never reach a line, wherever they stand", () => {
  const { lines, log } = capture();
  log.info(
    {
      token: "at_secretsecret",
      headers: { authorization: "Bearer sk_live_0123456789abcdef", cookie: "a=b" },
      body: { email: "ann@shop.example", installSecret: "hush-hush" },
      error: new Error("duplicate (email)=(ann@shop.example) for pk_live_abcdefgh at postgres://fan:pass@db/x, token eyJhbGciOi.eyJzdWIiOi.sig"),
    },
    "all at once",
  );
  const text = lines.join("");
  for (const secret of ["at_secret", "sk_live", "a=b", "ann@", "hush", "pk_live", "pass", "eyJ"]) expect(text).not.toContain(secret);
  expect(text).toContain("all at once");
  expect(JSON.parse(text)).toMatchObject({ level: "info", error: { name: "Error" } });
});

test("scrubbing leaves ordinary words alone", () => {
  expect(scrub("queue_1 of org_demo failed at 10:00")).toBe("queue_1 of org_demo failed at 10:00");
});
