import { describe, expect, test } from "vitest";
import { admissionReach, createAttendance, firstPresent } from "./attendance.ts";
import type { Attendance, Survey, SurveyOptions } from "./attendance.ts";
import { createLine } from "./line.ts";
import { createPresence } from "./presence.ts";

const consumer = (ticket: number): string => `00000000-0000-7000-8000-${String(ticket).padStart(12, "0")}`;
const second = 1_000;
const interval = 60 * second;
const options = { reach: 100, holdMs: 1800 * second, moving: true, heardSince: 0 };

/** Looks along the line as often as a node does, but for a few looks in between; answers the last. */
function watch(attendance: Attendance, from: number, to: number, how: SurveyOptions = options): Survey {
  for (let now = from; now < to; now += 20 * second) attendance.survey(now, how);
  return attendance.survey(to, how);
}

function lineOf(count: number) {
  const line = createLine();
  for (let ticket = 1; ticket <= count; ticket++) line.join(ticket, consumer(ticket), 0);
  const presence = createPresence(0);
  return { line, presence, attendance: createAttendance(line, presence) };
}

describe("presence", () => {
  test("lasts twice the interval that a waiter was told", () => {
    const { presence } = lineOf(1);
    presence.see(1, 10 * second, 5);
    expect(presence.isPresent(1, 20 * second)).toBe(true);
    expect(presence.isPresent(1, 21 * second)).toBe(false);
    presence.hearOf(1, 30 * second, 5);
    expect(presence.isPresent(1, 39 * second)).toBe(true);
  });

  test("is given to everybody for one interval after a start, and then to those who were heard of", () => {
    const { line, presence } = lineOf(3);
    presence.see(2, interval - second, 30);
    expect(firstPresent(line, presence, 2, interval - 1)).toEqual([1, 2]);
    expect(firstPresent(line, presence, 2, interval)).toEqual([2]);
  });

  test("five hundred thousand absent people in front stop nobody, and whoever of them returns is next", () => {
    const { line, presence } = lineOf(500_010);
    for (let ticket = 500_001; ticket <= 500_010; ticket++) presence.see(ticket, interval, 30);
    expect(firstPresent(line, presence, 3, interval)).toEqual([500_001, 500_002, 500_003]);
    presence.see(77, interval, 30);
    expect(firstPresent(line, presence, 2, interval)).toEqual([77, 500_001]);
    expect(line.positionOf(500_001)).toBe(500_001);
  });
});

describe("a survey", () => {
  test("tells the others of those near the front who asked here, and not of those who asked elsewhere", () => {
    const { presence, attendance } = lineOf(6);
    for (const ticket of [1, 3, 5, 6]) presence.see(ticket, interval, 10);
    presence.hearOf(2, interval, 10);
    const found = attendance.survey(interval, { ...options, reach: 5, heardSince: interval - second });
    expect(found).toMatchObject({ horizon: 5, present: 4, heard: { tickets: [1, 3, 5], pollAfter: [10, 10, 10] } });
    expect(attendance.survey(interval + 5 * second, { ...options, heardSince: interval + 2 * second }).heard.tickets).toEqual([]);
  });

  test("of a line shorter than its reach has whoever joins next within reach from their first moment on", () => {
    const { line, presence, attendance } = lineOf(2);
    for (const ticket of [1, 2]) presence.see(ticket, interval, 10);
    const { horizon } = attendance.survey(interval, { ...options, reach: 3 });
    for (const ticket of [3, 4]) {
      line.join(ticket, consumer(ticket), 0);
      presence.see(ticket, interval, 30);
    }
    expect(firstPresent(line, presence, 9, interval, horizon)).toEqual([1, 2, 3]);
  });

  test("ends a place that was absent for longer than it is held, counted from the last sighting", () => {
    const { presence, attendance } = lineOf(2);
    presence.see(1, interval, 30);
    presence.see(2, interval, 30);
    watch(attendance, interval, interval + 1798 * second);
    presence.see(2, interval + 1799 * second, 30);
    expect(attendance.survey(interval + 1799 * second, options).overdue).toEqual([]);
    expect(attendance.survey(interval + 1800 * second, options).overdue).toEqual([1]);
  });

  test("does not hold against anybody what happened beyond its horizon", () => {
    const { presence, attendance } = lineOf(3);
    const at = (seconds: number): number => interval + seconds * second;
    for (let passed = 0; passed <= 2000; passed += 20) {
      presence.see(1, at(passed), 30);
      expect(attendance.survey(at(passed), { ...options, reach: 1 })).toMatchObject({ horizon: 1, overdue: [] });
    }
    expect(attendance.survey(at(2001), options)).toMatchObject({ horizon: 100, overdue: [] });
    watch(attendance, at(2001), at(3799));
    presence.see(1, at(3800), 30);
    expect(attendance.survey(at(3801), options).overdue).toEqual([2, 3]);
  });

  test("asks as many to be there as may be let in soon, and more only where some of them do not come", () => {
    const { line, presence, attendance } = lineOf(400);
    const at = (seconds: number): number => interval + seconds * second;
    presence.see(400, at(0), 30);
    expect(attendance.survey(at(0), options).horizon).toBe(100);
    // Whoever has just joined at the end does not go before those who wait for being asked.
    expect(firstPresent(line, presence, 5, at(0), 100)).toEqual([]);
    for (let ticket = 1; ticket <= 100; ticket += 2) presence.see(ticket, at(60), 60);
    expect(attendance.survey(at(80), options)).toMatchObject({ horizon: 100, present: 50 });
    expect(attendance.survey(at(91), options)).toMatchObject({ horizon: 150, present: 50, overdue: [] });
    expect(firstPresent(line, presence, 2, at(91), 150)).toEqual([1, 3]);
  });

  test("asks many more where next to nobody comes: half a million absent people hold a line up for minutes, not for days", () => {
    const { line, presence, attendance } = lineOf(500_100);
    const at = (seconds: number): number => interval + seconds * second;
    let passed = 0;
    for (; attendance.survey(at(passed), options).horizon < 500_001 && passed < 1_000; passed += 10);
    expect(passed).toBeLessThanOrEqual(400);
    for (let ticket = 500_001; ticket <= 500_100; ticket++) presence.see(ticket, at(passed), 30);
    expect(firstPresent(line, presence, 1, at(passed), attendance.survey(at(passed + 1), options).horizon)).toEqual([500_001]);
  });

  test("does not count the time in which nobody was let in", () => {
    const { attendance } = lineOf(1);
    const at = (seconds: number): number => interval + seconds * second;
    attendance.survey(at(0), options);
    expect(watch(attendance, at(1), at(1900), { ...options, moving: false }).overdue).toEqual([]);
    expect(attendance.survey(at(1901), options).overdue).toEqual([]);
    expect(watch(attendance, at(1921), at(3700)).overdue).toEqual([]);
    expect(attendance.survey(at(3701), options).overdue).toEqual([1]);
  });

  test("does not count the time in which this node heard nobody, because it was frozen or asleep itself", () => {
    const { presence, attendance } = lineOf(1);
    const at = (seconds: number): number => interval + seconds * second;
    presence.see(1, at(0), 30);
    watch(attendance, at(0), at(20));
    expect(attendance.survey(at(7_200), options).overdue).toEqual([]);
    expect(watch(attendance, at(7_220), at(8_999)).overdue).toEqual([]);
    expect(attendance.survey(at(9_000), options).overdue).toEqual([1]);
  });

  test("finds the absent in front out also where an operator lets people in by hand into a line that stands, and keeps their places", () => {
    const { line, presence, attendance } = lineOf(300);
    const at = (seconds: number): number => interval + seconds * second;
    const byHand = { ...options, moving: false, calling: true };
    presence.see(250, at(0), 60);
    expect(attendance.survey(at(0), byHand).horizon).toBe(100);
    watch(attendance, at(20), at(100), byHand);
    for (let seconds = 120; seconds <= 400; seconds += 20) {
      presence.see(250, at(seconds), 60);
      attendance.survey(at(seconds), byHand);
    }
    expect(firstPresent(line, presence, 1, at(400), attendance.survey(at(400), byHand).horizon)).toEqual([250]);
    expect(watch(attendance, at(420), at(2_600), byHand).overdue).toEqual([]);
    expect(attendance.survey(at(2_601), options).overdue).toEqual([]);
  });
});

test("a node looks three minutes ahead, as far as slots are free, and a hundred people at least", () => {
  expect([admissionReach(1), admissionReach(60.5), admissionReach(6000), admissionReach(60, 500)]).toEqual([100, 182, 18_000, 500]);
});
