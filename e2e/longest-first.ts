import { basename } from "node:path";
import { BaseSequencer } from "vitest/node";
import type { TestSpecification } from "vitest/node";

// Without a run before this one Vitest goes by the size of a file, and files of five lines play the longest series here.
const longest = [
  "known-consumers",
  "storefront",
  "draw",
  "accessibility",
  "killed-service",
  "stillness",
  "tabs",
  "faults",
  "tabs-firefox",
  "draw-replacement",
  "killed-draw",
  "bound-sessions",
  "known-ways",
  "rehearsal",
].map((name) => `${name}.e2e.ts`);

const rank = ({ moduleId }: TestSpecification): number => {
  const at = longest.indexOf(basename(moduleId));
  return at === -1 ? longest.length : at;
};

/** Begins with the end-to-end files that take longest, so that two workers end together; all others go as ever. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}
