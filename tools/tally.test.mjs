import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { closingLine, sum, tallyOf } from "./tally.mjs";

const folder = mkdtempSync(join(tmpdir(), "fanfare-tally-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const clean = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };
const report = (/** @type {object} */ content) => {
  const file = join(folder, "report.json");
  writeFileSync(file, JSON.stringify({ ...clean, ...content }));
  return file;
};

describe("counting a run", () => {
  test("reports what passed, failed and was skipped", () => {
    const reportFile = report({ numPassedTests: 5, numFailedTests: 2, numPendingTests: 1, numTodoTests: 1 });
    expect(tallyOf({ reportFile, exitCode: 1 })).toEqual({ passed: 5, failed: 2, skipped: 2 });
  });

  test("a file that cannot be loaded is a failure", () => {
    const reportFile = report({ numPassedTests: 5, testResults: [{ status: "failed", assertionResults: [] }] });
    expect(tallyOf({ reportFile, exitCode: 1 })).toMatchObject({ passed: 5, failed: 1 });
  });

  test("a run that ran nothing is a failure", () => {
    expect(tallyOf({ reportFile: report({}), exitCode: 0 })).toMatchObject({ passed: 0, failed: 1 });
  });

  test("a bad exit without a failed test is a failure", () => {
    expect(tallyOf({ reportFile: report({ numPassedTests: 5 }), exitCode: 1 })).toMatchObject({ passed: 5, failed: 1 });
  });

  test("a missing report is a failure", () => {
    expect(tallyOf({ reportFile: join(folder, "nowhere.json"), exitCode: 139 })).toMatchObject({ passed: 0, failed: 1 });
  });
});

test("the closing line names skipped tests only when there are any", () => {
  const all = sum([
    { passed: 2, failed: 0, skipped: 0 },
    { passed: 1, failed: 1, skipped: 0 },
  ]);
  expect(closingLine(all)).toBe("3 passed, 1 failed");
  expect(closingLine({ ...all, skipped: 4 })).toBe("3 passed, 1 failed, 4 skipped");
});
