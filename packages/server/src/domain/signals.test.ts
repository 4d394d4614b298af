import { expect, test } from "vitest";
import { takeSignals } from "./signals.ts";

test("devices that look alike have one likeness, in whatever order their fields come, and another device has another", () => {
  const phone = takeSignals({ timeZone: "Europe/Berlin", screen: "small", touch: true });
  expect(takeSignals({ touch: true, screen: "small", timeZone: "Europe/Berlin" })).toEqual(phone);
  expect(takeSignals({ timeZone: "Europe/Berlin", screen: "large", touch: true }).likeness).not.toBe(phone.likeness);
});

test("that a program drives the browser is noted beside the likeness and does not change it", () => {
  expect(takeSignals({ touch: true, webdriver: true })).toEqual({ ...takeSignals({ touch: true, webdriver: false }), isDriven: true });
  expect(takeSignals({ touch: true }).isDriven).toBe(false);
});
