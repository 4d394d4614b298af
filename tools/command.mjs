import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";
import { root } from "./workspace.mjs";

/** The environment of everything the tools start: the pinned Node and the installed tools come first. */
export const toolEnvironment = { ...process.env, PATH: `${join(root, "node_modules/.bin")}${delimiter}${process.env.PATH}` };

/**
 * Runs a program to its end and keeps quiet about it unless it fails.
 * @param {string} program @param {string[]} args @param {{ env?: NodeJS.ProcessEnv, cwd?: string, show?: boolean }} [options] `show`: pass its output through instead.
 * @returns {Promise<string>} what it wrote @throws with its output when it ends with anything but 0.
 */
export function command(program, args, { env = toolEnvironment, cwd = root, show = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: show ? "inherit" : ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout?.on("data", (chunk) => (output += chunk));
    child.stderr?.on("data", (chunk) => (output += chunk));
    child.on("error", reject);
    child.on("close", (code, signal) =>
      code === 0 ? resolve(output) : reject(new Error(`${output.trimEnd()}\n${program} ${args.join(" ")} ended with ${signal ?? code}`)),
    );
  });
}

/** A script of an installed tool, run by the Node that runs us. @param {string} script @param {string[]} args @param {Parameters<typeof command>[2]} [options] */
export const tool = (script, args, options) => command(process.execPath, [join(root, "node_modules", script), ...args], options);
