import type { Challenge, GuestSession } from "@fanfare-io/fanfare-contract";
import { describe, expect, test } from "vitest";
import { scriptBoundSessions } from "../testing/bound-service.ts";
import { startSdk } from "../testing/launch.ts";
import { createTabWorld } from "../testing/tab-world.ts";
import { solveChallenge } from "./solve.ts";

/** Made by the library that the service makes them with, so that both sides are held to the same form; its answer is 5. */
const challenge: Challenge = {
  parameters: {
    algorithm: "SCRYPT",
    cost: 16,
    data: { organizationId: "org_xxx", purpose: "guest" },
    expiresAt: 4_000_000_000,
    keyLength: 32,
    keyPrefix: "1832be686ac4c4aaf3fda175bcf37c89",
    keySignature: "72fbb47387b473c009beaf4d23a3f3f3f49c2f35b4615c38d1a4d2ca5356d71f",
    memoryCost: 8,
    nonce: "147ce53a12aee64426a2905bb6a122ac",
    parallelism: 1,
    salt: "f58de056160c5cf4977d9cade44188a1",
  },
  signature: "21805e76965dc934814c6aa67b98faffe1cd45bba0afe1bba0ffca1a58ff0689",
};
const solution = { counter: 5, derivedKey: "1832be686ac4c4aaf3fda175bcf37c896c8a3c3752d3dfe5fc0f9cdee1f48e05" };

test("the work of a challenge is done, with a rest after each try that was not the one", async () => {
  let rests = 0;
  const rest = async (): Promise<void> => void rests++;
  expect(await solveChallenge(challenge, rest)).toEqual({ challenge, solution });
  expect(rests).toBe(5);
});

describe("a guest of whom the service asks work", () => {
  test("does it unasked, brings it along, and is a guest; the shopper is told of nothing", async () => {
    const world = createTabWorld({ canSign: true });
    scriptBoundSessions(world.service, world.clock);
    const tab = world.openTab();
    const bodies: unknown[] = [];
    const asked: unknown[] = [];
    const platform = {
      ...tab.platform,
      fetch: async (...[input, init]: Parameters<typeof fetch>): Promise<Response> => {
        const url = new Request(input).url;
        if (url.endsWith("/challenges")) {
          asked.push(await new Request(input, init).json());
          return Response.json(challenge);
        }
        if (!url.endsWith("/auth/guest")) return world.service.fetch(input, init);
        const body = (await new Request(input, init).json()) as { readonly challenge?: unknown };
        bodies.push(body);
        if (body.challenge !== undefined) return world.service.fetch(input, init);
        return Response.json(
          { error: "challenge_required", message: "Work.", details: { reasons: ["address_busy"], effort: "raised" }, requestId: "req_1" },
          { status: 403 },
        );
      },
    };
    const { sdk } = await startSdk(world, { ...tab, platform });
    const told: string[] = [];
    sdk.on("auth:error", ({ error }) => told.push(error.code));
    let became: GuestSession | null = null;
    void sdk.auth.guest().then((guest) => (became = guest));
    // The part that does the work is fetched first, which no clock of ours knows of.
    const turn = async (): Promise<GuestSession | null> => {
      await world.clock.advance(10);
      return became;
    };
    await expect.poll(turn).toMatchObject({ type: "guest", bound: "device" });
    expect(bodies).toMatchObject([{}, { challenge: { challenge, solution } }]);
    expect(asked).toEqual([{ effort: "raised" }]);
    expect(told).toEqual([]);
  });
});
