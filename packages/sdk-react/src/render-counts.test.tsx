// @vitest-environment happy-dom
import type { JourneyView, QueueDisplay, ReadableStore } from "@fanfare-io/fanfare-sdk-core";
import { render, screen } from "@testing-library/react";
import { Profiler, type ReactElement, type ReactNode, useSyncExternalStore } from "react";
import { expect, it } from "vitest";
import { FanfareProvider } from "./fanfare-provider.ts";
import { createPageWorld, firstPosition } from "./testing/page-world.ts";
import { acting } from "./testing/react-page.ts";
import { useExperienceJourney } from "./use-experience-journey.ts";
import { useFanfare } from "./use-fanfare.ts";
import { useFanfareAuth } from "./use-fanfare-auth.ts";

const renders = { who: 0, listener: 0, stage: 0, frame: 0, position: 0 };
const count = (name: keyof typeof renders): void => void renders[name]++;

function Who(): ReactElement {
  count("who");
  return <p>{useFanfareAuth().session?.consumerId ?? "nobody"}</p>;
}

function Listener(): null {
  count("listener");
  useFanfare();
  return null;
}

function Stage(): ReactElement {
  count("stage");
  const { view } = useExperienceJourney("exp_launch", { autoStart: true });
  return <Place view={view} />;
}

function Place({ view }: { readonly view: JourneyView | undefined }): ReactElement {
  if (view?.journeyStage !== "routed") return <p>{view?.journeyStage ?? "loading"}</p>;
  const { sequence } = view;
  if (sequence.phase === "enterable" && "enter" in sequence) return <button onClick={() => void sequence.enter()}>Join</button>;
  return sequence.phase === "participating" && sequence.mechanism !== "draw" ? <Position display$={sequence.display$} /> : <p>{sequence.phase}</p>;
}

function Position({ display$ }: { readonly display$: ReadableStore<QueueDisplay> }): ReactElement {
  count("position");
  return <output>{useSyncExternalStore(display$.listen, display$.get).position}</output>;
}

function Frame({ children }: { readonly children: ReactNode }): ReactElement {
  count("frame");
  return <main>{children}</main>;
}

it("a line that moves twenty times renders the one component that shows the position twenty times, and nobody else once", async () => {
  const { platform, service, pass, until } = createPageWorld();
  let commits = 0;
  await acting(() =>
    render(
      <Profiler id="page" onRender={() => (commits += 1)}>
        <FanfareProvider organizationId="org_shop" publishableKey="pk_test_shop" apiUrl="https://api.test/api" platform={platform}>
          <Frame>
            <Who />
            <Listener />
            <Stage />
          </Frame>
        </FanfareProvider>
      </Profiler>,
    ),
  );
  const join = await until("Join");
  await acting(() => join.click());
  await until(String(firstPosition));
  const polls = (): number => service.count("GET /queues/queue_1/status");
  const before = { ...renders, polls: polls(), commits };
  // From cold to a place in line: nobody and somebody; and each stage of the journey once.
  expect(before).toMatchObject({ who: 2, listener: 1, frame: 1, position: 1 });
  expect(before.stage).toBeLessThanOrEqual(6);

  while (polls() < before.polls + 20) await pass(100);

  expect(screen.getByRole("status").textContent).toBe(String(firstPosition - 20));
  expect({ ...renders, commits }).toEqual({ ...before, polls: undefined, position: before.position + 20, commits: before.commits + 20 });
});
