import { spawn } from "node:child_process";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DataDirectoryInUseError, lockDataDirectory } from "./data-lock.ts";
import { openDatabase } from "./open-database.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fanfare-data-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("the embedded database keeps its rows over a restart and belongs to one process at a time", async () => {
  const options = { url: undefined, dataDirectory: folder, poolSize: 1, onIdleError: () => {} };
  const first = await openDatabase(options);
  await first.run("insert into organization values ('org_kept', 'Kept', null, 3600, 900, now())", []);
  await expect(openDatabase(options)).rejects.toBeInstanceOf(DataDirectoryInUseError);
  await first.close();
  const second = await openDatabase(options);
  expect(await second.run("select id from organization", [])).toEqual([{ id: "org_kept" }]);
  await second.close();
});

test("a data directory that was made here is its owner's alone", async () => {
  const directory = join(folder, "fresh");
  lockDataDirectory(directory).release();
  expect((await stat(directory)).mode & 0o077).toBe(0);
});

test("the lock of a killed process is free at once", async () => {
  const directory = join(folder, "killed");
  const script = `const { lockDataDirectory } = await import(${JSON.stringify(new URL("./data-lock.ts", import.meta.url).href)});
    lockDataDirectory(${JSON.stringify(directory)}); console.log("locked"); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((resolve) => child.stdout.once("data", resolve));
  expect(() => lockDataDirectory(directory)).toThrow(DataDirectoryInUseError);
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
  lockDataDirectory(directory).release();
});
