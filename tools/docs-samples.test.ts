import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compileSamples, extractSamples, type Sample } from "./docs-samples.ts";
import { root } from "./workspace.mjs";

const preamble = "docs/guide/samples.d.ts";
const pages = [
  ...globSync("docs/guide/*.md", { cwd: root }),
  ...globSync("packages/*/README.md", { cwd: root }),
  ...["README.md"].filter((page) => existsSync(join(root, page))),
];
const samples = pages.flatMap((page) => extractSamples(page, readFileSync(join(root, page), "utf8")));

describe("the samples in the guide", () => {
  it("are found on every page of it", () => {
    const silent = pages.filter((page) => page.startsWith("docs/guide/") && !samples.some((sample) => sample.page === page));
    expect(pages.length).toBeGreaterThanOrEqual(4);
    expect(silent).toEqual([]);
  });

  it("compile in strict mode against the packages", { timeout: 60_000 }, () => {
    expect(compileSamples(samples, preamble)).toEqual([]);
  });

  it("are told by page and line when they do not", { timeout: 60_000 }, () => {
    const wrong = `# A page\n\n\`\`\`ts\nconst session = await sdk.auth.guest();\nsession.token;\n\`\`\`\n`;
    const planted: Sample[] = extractSamples("docs/guide/wrong.md", wrong);
    expect(compileSamples(planted, preamble)).toEqual([expect.stringMatching(/^docs\/guide\/wrong\.md:5: error TS2339: Property 'token'/)]);
  });
});
