import { existsSync } from "node:fs";
import { command } from "./command.mjs";

/**
 * Installs system packages where that can be done without asking anybody: as root, or with a sudo that wants no password.
 * @param {string[]} packages @returns {Promise<string | undefined>} why it could not be done, or nothing.
 */
export async function aptInstall(packages) {
  if (!existsSync("/usr/bin/apt-get")) return "this system has no apt-get";
  const root = process.getuid?.() === 0;
  const [program, prefix] = root ? ["apt-get", []] : ["sudo", ["-n", "apt-get"]];
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  console.log(`  apt-get install ${packages.join(" ")} (a minute or two) …`);
  try {
    await command(program, [...prefix, "update", "-qq"], { env });
    await command(program, [...prefix, "install", "-y", "-qq", "--no-install-recommends", ...packages], { env });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
