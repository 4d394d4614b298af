// @vitest-environment happy-dom
import { acting } from "./testing/react-page.ts";
import type { FanfareEvents, GuestSession, StorageAdapter } from "@fanfare-io/fanfare-sdk-core";
import { configure, render, screen, waitFor } from "@testing-library/react";
import { type ReactElement, StrictMode, useEffect, useState } from "react";
import { afterEach, describe, expect, it } from "vitest";
import { FanfareProvider } from "./fanfare-provider.ts";
import { useExperienceJourney } from "./use-experience-journey.ts";
import { useFanfare } from "./use-fanfare.ts";
import { useFanfareAuth } from "./use-fanfare-auth.ts";

afterEach(() => localStorage.clear());

const guests = ["0195f2c8-7a3b-7c4d-8e5f-000000000001", "0195f2c8-7a3b-7c4d-8e5f-000000000002"] as const;

interface ScriptedService {
  readonly fetch: typeof fetch;
  /** `METHOD /path` of every request, oldest first. */
  readonly requests: readonly string[];
}

/** A service that admits whoever enters; the binding and the SDK below it are the subject, not the wire. */
function createService(): ScriptedService {
  const requests: string[] = [];
  const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
  const answers: Readonly<Record<string, () => unknown>> = {
    "POST /auth/guest": () => {
      const consumerId = guests[requests.filter((request) => request === "POST /auth/guest").length - 1] ?? guests[1];
      const session: GuestSession = { type: "guest", consumerId, guestId: consumerId, expiresAt: inAnHour, bound: false };
      return { accessToken: `at_${consumerId}`, refreshToken: `rt_${consumerId}`, tokenType: "Bearer", expiresInSeconds: 600, session };
    },
    "POST /experiences/exp_launch/route": () => ({
      experienceId: "exp_launch",
      outcome: "routed",
      offers: [
        {
          sequenceId: "seq_1",
          name: "Launch",
          priority: 0,
          gates: [],
          distribution: { id: "queue_1", type: "queue", state: "active", openAt: null, closeAt: null },
        },
      ],
    }),
    "GET /queues/queue_1/status": () => ({ status: "NOT_QUEUED" }),
    "POST /queues/queue_1/enter": () => ({
      status: "ADMITTED",
      admittedAt: new Date().toISOString(),
      grantId: "grant_1",
      expiresAt: inAnHour,
      pollAfterSeconds: 30,
      pollToken: "poll_1",
    }),
    "POST /grants/presentation": () => ({
      token: "token_1",
      tokenExpiresAt: new Date(Date.now() + 120_000).toISOString(),
      grantId: "grant_1",
      expiresAt: inAnHour,
    }),
  };
  return {
    requests,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      const call = `${request.method} ${new URL(request.url).pathname.replace("/api", "")}`;
      requests.push(call);
      const answer = answers[call];
      if (answer === undefined) return Response.json({ error: "not_found", message: `Nothing at ${call}`, requestId: "req_1" }, { status: 404 });
      return Response.json(answer(), { status: call === "POST /auth/guest" ? 201 : 200 });
    },
  };
}

interface PageProps {
  readonly service: ScriptedService;
  readonly organizationId?: string;
  readonly storage?: StorageAdapter | "local";
  readonly children: ReactElement;
}

function Page({ service, organizationId = "org_shop", storage = "local", children }: PageProps): ReactElement {
  return (
    <StrictMode>
      <FanfareProvider
        organizationId={organizationId}
        publishableKey="pk_test_shop"
        apiUrl="http://localhost/api"
        storage={storage}
        platform={{ fetch: service.fetch }}
      >
        {children}
      </FanfareProvider>
    </StrictMode>
  );
}

/** Storage that takes a few tasks for each answer, as a database does. */
function createSlowStorage(): StorageAdapter {
  const items = new Map<string, string>();
  const later = <T,>(answer: () => T): Promise<T> =>
    new Promise((resolve) => {
      setTimeout(() => setTimeout(() => resolve(answer())));
    });
  return {
    getItem: (key) => later(() => items.get(key) ?? null),
    setItem: (key, value) => later(() => void items.set(key, value)),
    removeItem: (key) => later(() => void items.delete(key)),
  };
}

/** A guest on arrival, a start when ready, the line, the turn. */
function Launch(): ReactElement {
  const { isAuthenticated, guest, session } = useFanfareAuth();
  const { view, start } = useExperienceJourney("exp_launch");
  const [isInitializing, setIsInitializing] = useState(true);

  useEffect(() => {
    async function init(): Promise<void> {
      if (!isAuthenticated) await guest();
      setIsInitializing(false);
    }
    void init();
  }, [isAuthenticated, guest]);

  useEffect(() => {
    if (isAuthenticated && view?.journeyStage === "ready" && !isInitializing) void start();
  }, [isAuthenticated, view?.journeyStage, isInitializing, start]);

  if (isInitializing) return <p>Preparing</p>;
  const sequence = view?.journeyStage === "routed" ? view.sequence : undefined;
  return (
    <>
      <p>{session?.consumerId}</p>
      <p>{view?.journeyStage ?? "loading"}</p>
      {sequence?.phase === "enterable" && "enter" in sequence && <button onClick={() => void sequence.enter()}>Join</button>}
      {sequence?.phase === "granted" && <p>{sequence.grant.token}</p>}
    </>
  );
}

type Authenticated = FanfareEvents["auth:authenticated"];

function Listener({ heard }: { readonly heard: Authenticated[] }): null {
  const fanfare = useFanfare();
  useEffect(() => fanfare.on("auth:authenticated", (payload) => heard.push(payload)), [fanfare, heard]);
  return null;
}

function Guest(): ReactElement {
  const { session, guest } = useFanfareAuth();
  return <button onClick={() => void guest()}>{session?.consumerId ?? "nobody"}</button>;
}

// A busy machine is no reason to fail.
configure({ asyncUtilTimeout: 15_000 });

describe("the provider over the SDK itself", () => {
  it("walks a page that authenticates and starts in effects from arrival to its turn, asking for each thing once", async () => {
    const service = createService();
    await acting(() =>
      render(
        <Page service={service}>
          <Launch />
        </Page>,
      ),
    );
    const join = await screen.findByText("Join");
    await acting(() => join.click());
    expect(await screen.findByText("token_1")).toBeTruthy();
    expect(screen.getByText(guests[0])).toBeTruthy();
    for (const call of ["POST /auth/guest", "POST /experiences/exp_launch/route", "POST /queues/queue_1/enter", "POST /grants/presentation"]) {
      expect(
        service.requests.filter((request) => request === call),
        call,
      ).toHaveLength(1);
    }
  });

  it.each([
    { kind: "the browser's", storage: "local" as const },
    { kind: "a slow", storage: createSlowStorage() },
  ])("tells a listener of the first mount about the session restored from $kind storage, once, and asks the service for nothing", async ({ storage }) => {
    const first = createService();
    const { unmount } = await acting(() =>
      render(
        <Page service={first} storage={storage}>
          <Guest />
        </Page>,
      ),
    );
    await acting(() => screen.getByRole("button").click());
    await screen.findByText(guests[0]);
    unmount();

    const second = createService();
    const heard: Authenticated[] = [];
    await acting(() =>
      render(
        <Page service={second} storage={storage}>
          <>
            <Guest />
            <Listener heard={heard} />
          </>
        </Page>,
      ),
    );
    await screen.findByText(guests[0]);
    await waitFor(() => expect(heard).toHaveLength(1));
    expect(heard).toEqual([expect.objectContaining({ isNew: false, session: expect.objectContaining({ consumerId: guests[0] }) })]);
    expect(second.requests).toEqual([]);
  });

  it("keeps the shoppers of two organizations on one page apart", async () => {
    const service = createService();
    await acting(() =>
      render(
        <>
          <Page service={service} organizationId="org_one">
            <Guest />
          </Page>
          <Page service={service} organizationId="org_two">
            <Guest />
          </Page>
        </>,
      ),
    );
    const [one, two] = screen.getAllByRole("button");
    await acting(() => one?.click());
    await waitFor(() => expect(one?.textContent).toBe(guests[0]));
    expect(two?.textContent).toBe("nobody");
    await acting(() => two?.click());
    await waitFor(() => expect(two?.textContent).toBe(guests[1]));
    expect(one?.textContent).toBe(guests[0]);
  });

  it("makes one shopper of two providers of one organization on a page, each told once, also under StrictMode", async () => {
    const service = createService();
    const heard: Authenticated[][] = [[], []];
    await acting(() =>
      render(
        <StrictMode>
          {heard.map((each, index) => (
            <Page key={index} service={service}>
              <>
                <Guest />
                <Listener heard={each} />
              </>
            </Page>
          ))}
        </StrictMode>,
      ),
    );
    const [one, two] = screen.getAllByRole("button");
    await acting(() => one?.click());
    await waitFor(() => expect(two?.textContent).toBe(guests[0]));
    await acting(() => two?.click());
    expect([one?.textContent, two?.textContent]).toEqual([guests[0], guests[0]]);
    expect(heard.map((each) => each.map(({ isNew }) => isNew))).toEqual([[true], [false]]);
    expect(service.requests.filter((request) => request === "POST /auth/guest")).toHaveLength(1);
  });

  it("touches no storage before somebody takes part", async () => {
    await acting(() =>
      render(
        <Page service={createService()}>
          <Guest />
        </Page>,
      ),
    );
    await screen.findByText("nobody");
    expect(localStorage).toHaveLength(0);
  });
});
