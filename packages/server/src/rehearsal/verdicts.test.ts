import { expect, test } from "vitest";
import { createRecorder } from "./recorder.ts";
import type { Recorder } from "./recorder.ts";
import { createSeededRandom } from "./random.ts";
import { findVerdicts } from "./verdicts.ts";
import type { Verdict, VerdictFacts } from "./verdicts.ts";

const limits = { admitRate: 600, capacity: 10, maxAdmissions: 700, admissionExpirationSeconds: 60 };

/** A short launch in which everything is right: six hundred people, let in ten a second. */
function honest(): Recorder {
  const recorder = createRecorder(600, createSeededRandom(1, "test"));
  for (let shopper = 0; shopper < 600; shopper++) {
    recorder.arrived(0);
    recorder.entered(shopper, shopper, shopper + 0.5, shopper + 1);
    recorder.told(shopper, 1_000, { position: shopper + 1, estimate: null });
    recorder.admitted(shopper, shopper * 100, shopper * 100 + 50);
  }
  return recorder;
}

function verdicts({ recording }: Recorder, changes: Partial<VerdictFacts> = {}): readonly Verdict[] {
  return findVerdicts({ recording, limits, judged: [true], mostInside: 10, granted: 600, twice: { tried: 3, sold: 0 }, ...changes });
}

test("an honest launch keeps every promise", () => {
  expect(verdicts(honest()).filter(({ verdict }) => verdict !== "held")).toEqual([]);
});

const cases: readonly (readonly [promise: RegExp, breakIt: (recorder: Recorder) => Partial<VerdictFacts> | void])[] = [
  [/^No two people hold one ticket/, ({ recording }) => void (recording.seen.ticket[599] = 599)],
  [/^Nobody stands before/, ({ recording }) => void ([recording.seen.ticket[3], recording.seen.ticket[4]] = [5, 4])],
  [/^Never more people in the shop/, () => ({ mostInside: 11 })],
  [/^Never more people let in altogether/, () => ({ granted: 701 })],
  [/^One grant, one order/, () => ({ twice: { tried: 3, sold: 1 } })],
  [/^A position that was shown never rises/, (recorder) => recorder.told(7, 2_000, { position: 9, estimate: null })],
  [/^Each minute lets in/, ({ recording }) => recording.perSecond.admitted.set(3_000, 6)],
  [
    /^What was missed is caught up/,
    ({ recording }) => {
      recording.perSecond.admitted.set(9_000, 150);
      recording.perSecond.admitted.set(59_000, 0);
      recording.perSecond.admitted.add(58_000, -130);
    },
  ],
];

test.each(cases)("a launch that breaks %s is said to, and nothing else is", (promise, breakIt) => {
  const recorder = honest();
  const changes = breakIt(recorder) ?? {};
  const broken = verdicts(recorder, changes).filter(({ verdict }) => verdict === "broken");
  expect(broken.map((each) => promise.test(each.promise))).toEqual([true]);
});

test("what could not be seen is not called kept", () => {
  const nobody = createRecorder(0, createSeededRandom(1, "test"));
  const found = findVerdicts({
    recording: nobody.recording,
    limits: { ...limits, capacity: null, maxAdmissions: null },
    judged: [],
    mostInside: 0,
    granted: 0,
    twice: null,
  });
  expect(found.filter(({ verdict }) => verdict !== "not seen")).toEqual([]);
});

test("a minute that is off, and made up for in the one beside it, says so", () => {
  const recorder = honest();
  for (let second = 60; second < 120; second++) recorder.recording.perSecond.admitted.add(second * 1_000, 10);
  recorder.recording.perSecond.admitted.add(59_000, -9);
  recorder.recording.perSecond.admitted.add(60_000, 9);
  const rate = verdicts(recorder, { judged: [true, true] }).find(({ id }) => id === "Rate");
  expect(rate).toMatchObject({ verdict: "broken", fact: "0 of 2 full minutes; the worst off by 9, 2 of 2 made up for in the minute beside it" });
});
