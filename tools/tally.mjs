import { readFileSync } from "node:fs";

/** @typedef {{ passed: number, failed: number, skipped: number }} Tally */

/** @param {Tally[]} tallies @returns {Tally} */
export const sum = (tallies) =>
  tallies.reduce((all, one) => ({ passed: all.passed + one.passed, failed: all.failed + one.failed, skipped: all.skipped + one.skipped }), {
    passed: 0,
    failed: 0,
    skipped: 0,
  });

/**
 * Counts one run of Vitest, and never in its favour: a file that could not be loaded, a crash outside any test, a report that is missing and a run of nothing each count as a failure.
 * @param {{ reportFile: string, exitCode: number | null }} run @returns {Tally & { problem?: string }}
 */
export function tallyOf({ reportFile, exitCode }) {
  let report;
  try {
    report = JSON.parse(readFileSync(reportFile, "utf8"));
  } catch {
    return { passed: 0, failed: 1, skipped: 0, problem: `crashed before it could report (exit ${exitCode})` };
  }
  const passed = report.numPassedTests;
  const skipped = report.numPendingTests + report.numTodoTests;
  const unloadable = report.testResults.filter(
    (/** @type {any} */ file) => file.status === "failed" && file.assertionResults.every((/** @type {any} */ t) => t.status !== "failed"),
  ).length;
  const failed = report.numFailedTests + unloadable;
  if (failed === 0 && exitCode !== 0) return { passed, failed: 1, skipped, problem: `ended with exit ${exitCode} though no test failed` };
  if (passed + failed === 0) return { passed, failed: 1, skipped, problem: "ran no test at all" };
  return unloadable > 0 ? { passed, failed, skipped, problem: `${unloadable} files failed outside any test` } : { passed, failed, skipped };
}

/** The one line that closes `npm test`. @param {Tally} tally */
export const closingLine = ({ passed, failed, skipped }) => `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
