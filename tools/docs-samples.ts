import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, tsc } from "./workspace.mjs";

/** One fenced block of a page. */
export interface Sample {
  /** The page it stands in, relative to the root. */
  readonly page: string;
  /** The line of its first line of code, from 1. */
  readonly line: number;
  readonly language: "ts" | "tsx";
  readonly code: string;
}

/** The blocks of a Markdown page that are marked `ts`, `typescript` or `tsx`. */
export function extractSamples(page: string, markdown: string): Sample[] {
  return [...markdown.matchAll(/^```(tsx?|typescript)\b[^\n]*\n(.*?)^```$/gms)].map(({ 1: language, 2: code, index }) => ({
    page,
    line: markdown.slice(0, index).split("\n").length + 1,
    language: language === "tsx" ? "tsx" : "ts",
    code: code ?? "",
  }));
}

/**
 * Compiles samples under the settings of our own code, each as a module of its own, against the packages' sources.
 * Returns what the compiler has to say, a line each, by page and line; nothing when all is well.
 *
 * The samples are laid out inside the tree, where the packages are found as a reader's project would find them.
 */
export function compileSamples(samples: readonly Sample[], preamble: string): string[] {
  const parent = join(root, ".cache");
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, "docs-samples-"));
  try {
    for (const sample of samples) writeFileSync(join(folder, fileName(sample)), asModule(sample));
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(settings(preamble)));
    writeFileSync(join(folder, "package.json"), `{ "type": "module" }`);
    const { status, stdout, error } = spawnSync(process.execPath, [tsc, "-p", folder, "--pretty", "false"], { cwd: folder, encoding: "utf8" });
    if (error) throw error;
    return status === 0 ? [] : stdout.trim().split("\n").map(toPage);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function settings(preamble: string): object {
  return {
    extends: join(root, "tsconfig.base.json"),
    include: ["*.ts", "*.tsx", join(root, preamble)],
    compilerOptions: {
      lib: ["es2024", "dom", "dom.iterable"],
      jsx: "react-jsx",
      types: ["node"],
      // A fragment declares what its reader will use elsewhere.
      noUnusedLocals: false,
      noUnusedParameters: false,
    },
  };
}

function fileName({ page, line, language }: Sample): string {
  return `${page.replaceAll("/", "__")}.${line}.${language}`;
}

// Empty lines in front give the compiler's line numbers the page's; the export makes a module of every fragment.
function asModule({ code, line }: Sample): string {
  return `${"\n".repeat(line - 1)}${code}\nexport {};\n`;
}

function toPage(message: string): string {
  return message.replace(/^([\w.-]+\.md)\.\d+\.tsx?\((\d+),\d+\)/, (_, page: string, line: string) => `${page.replaceAll("__", "/")}:${line}`);
}
