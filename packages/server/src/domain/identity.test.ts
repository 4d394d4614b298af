import { expect, test } from "vitest";
import { decideProof } from "./identity.ts";
import type { ProofFacts, ProvedIdentity } from "./identity.ts";

const email: ProvedIdentity = { kind: "email", value: "ada@example.com" };
const phone: ProvedIdentity = { kind: "phone", value: "+4915112345678" };
const external: ProvedIdentity = { kind: "external", value: "shopify" };
const guest = { id: "s", consumerId: "guest", consumerType: "guest" } as const;
const ada = { id: "s", consumerId: "ada", consumerType: "identified" } as const;
const decide = (facts: Partial<ProofFacts>) =>
  decideProof({ session: null, identities: [email], owners: [null], kindsOfSession: [], onConflict: "merge", ...facts });

test("whoever comes without a session gets the consumer that the proof names, or a new one", () => {
  expect(decide({})).toEqual({ kind: "create" });
  expect(decide({ owners: ["ada"] })).toEqual({ kind: "open", consumerId: "ada" });
});

test("a guest is upgraded in place, or merged into whom it turns out to be, or refused where the organization says so", () => {
  expect(decide({ session: guest })).toEqual({ kind: "upgrade", consumerId: "guest" });
  expect(decide({ session: guest, owners: ["ada"] })).toEqual({ kind: "merge", guestId: "guest", consumerId: "ada" });
  expect(decide({ session: guest, owners: ["ada"], onConflict: "reject" })).toEqual({ kind: "conflict" });
  expect(decide({ session: guest, onConflict: "reject" })).toEqual({ kind: "upgrade", consumerId: "guest" });
});

test("an identified session never merges: it confirms, learns what it lacks, or switches", () => {
  expect(decide({ session: ada, owners: ["ada"], kindsOfSession: ["email"] })).toEqual({ kind: "confirm", consumerId: "ada" });
  expect(decide({ session: ada, identities: [phone], kindsOfSession: ["email"] })).toEqual({ kind: "attach", consumerId: "ada" });
  expect(decide({ session: ada, kindsOfSession: ["email"] })).toEqual({ kind: "switch", consumerId: null });
  expect(decide({ session: ada, owners: ["bob"], kindsOfSession: ["email"] })).toEqual({ kind: "switch", consumerId: "bob" });
  expect(decide({ session: ada, owners: ["bob"], onConflict: "reject" })).toEqual({ kind: "switch", consumerId: "bob" });
});

test("what was proved decides before any claim that came with it", () => {
  expect(decide({ identities: [external, email], owners: ["bob", "ada"] })).toEqual({ kind: "open", consumerId: "bob" });
  expect(decide({ identities: [external, email], owners: [null, "ada"] })).toEqual({ kind: "open", consumerId: "ada" });
  expect(decide({ session: ada, identities: [external, email], owners: [null, "ada"], kindsOfSession: ["email"] })).toEqual({
    kind: "attach",
    consumerId: "ada",
  });
});
