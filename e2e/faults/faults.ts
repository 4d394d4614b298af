import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as pause } from "node:timers/promises";
import type { RunningService } from "@fanfare-io/fanfare-testing";
import { startPostgres } from "../../tools/postgres.mjs";
import { onServer } from "./world.ts";
import type { PlayOptions, Server, World } from "./world.ts";

/** Something that goes wrong under load, and is put right again when `inject` resolves. */
export interface Fault {
  readonly name: string;
  /** Tried with every run of the tests, not only in the series. */
  readonly always?: true;
  /** The nodes begin as the older version that `inject` gets. */
  readonly fromOlder?: true;
  /** The nodes' clocks can be set, see `clock-step.mjs`. */
  readonly withClocks?: true;
  /** Needs a database server on a disk of its own, which `inject` gets to fill. */
  readonly smallDisk?: true;
  inject(world: World, ground: Ground): Promise<void>;
}

/** What some faults need beside the world. */
export interface Ground {
  readonly disk: string;
  /** The main file of an older version. */
  readonly older: string;
}

/** A world without anything of it. */
export const bareGround: Ground = Object.freeze({ disk: "", older: "" });

/** What the nodes are that a fault meets. */
export function beginningOf({ fromOlder, withClocks }: Fault, { older }: Ground): Pick<PlayOptions, "main" | "env"> {
  const loader = fileURLToPath(new URL("clock-step.mjs", import.meta.url));
  return { ...(fromOlder === true && { main: older }), ...(withClocks === true && { env: { NODE_OPTIONS: `--import=${loader}` } }) };
}

const frozenMs = 4_500;

/** What is tried. */
export const faults: readonly Fault[] = [
  {
    name: "a node is killed",
    async inject(world) {
      const victim = 1 - (await world.owner());
      await nodeOf(world, victim).kill();
      await world.restart(victim);
    },
  },
  {
    name: "the node that lets people in is killed",
    always: true,
    async inject(world) {
      const victim = await world.owner();
      await nodeOf(world, victim).kill();
      await pause(3_500);
      await world.restart(victim);
    },
  },
  {
    name: "PostgreSQL is killed and started again",
    always: true,
    async inject({ server }) {
      await server.crash();
      await pause(500);
      await server.restart();
    },
  },
  {
    name: "connections to the database are cut, five times",
    always: true,
    async inject({ databaseUrl }) {
      for (let cut = 0; cut < 5; cut++) {
        await onServer(databaseUrl, "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()");
        await pause(150);
      }
    },
  },
  {
    name: "the node that lets people in is frozen past its lease, and woken",
    async inject(world) {
      const { pid } = nodeOf(world, await world.owner());
      process.kill(pid, "SIGSTOP");
      try {
        await pause(frozenMs);
      } finally {
        process.kill(pid, "SIGCONT");
      }
    },
  },
  {
    name: "the database's disk is full for a while",
    always: true,
    smallDisk: true,
    async inject({ server }, { disk }) {
      const filler = join(disk, "filler");
      fill(filler);
      await pause(1_500);
      rmSync(filler);
      if (!server.isRunning()) await server.restart();
    },
  },
  {
    name: "a node's clock is set ten minutes ahead, then ten behind, then right again",
    withClocks: true,
    async inject(world) {
      const { pid } = nodeOf(world, await world.owner());
      // Each signal is one step.
      for (let step = 0; step < 3; step++) {
        process.kill(pid, "SIGUSR2");
        await pause(1_200);
      }
    },
  },
  {
    name: "both nodes are deployed anew, one after the other",
    async inject(world) {
      for (const index of [0, 1]) {
        await nodeOf(world, index).stop();
        await world.restart(index);
      }
    },
  },
  {
    name: "both nodes are upgraded from an older version, one after the other, over a step of the schema",
    always: true,
    fromOlder: true,
    async inject(world) {
      for (const index of [0, 1]) {
        await nodeOf(world, index).stop();
        await world.restart(index);
        // Both versions at work on the new schema.
        await pause(1_500);
      }
    },
  },
  {
    name: "an upgrade is taken back when half of it is done",
    fromOlder: true,
    async inject(world, { older }) {
      await nodeOf(world, 0).stop();
      await world.restart(0);
      await pause(1_500);
      await nodeOf(world, 0).stop();
      await world.restart(0, older);
    },
  },
];

function nodeOf(world: World, index: number): RunningService {
  const node = world.nodes[index];
  if (node === undefined) throw new Error(`There is no node ${index}.`);
  return node;
}

function fill(path: string): void {
  const file = openSync(path, "w");
  const megabyte = Buffer.alloc(1_048_576);
  try {
    for (let size = megabyte.length; size >= 4_096;) {
      try {
        writeSync(file, megabyte, 0, size);
      } catch {
        size /= 2;
      }
    }
  } finally {
    closeSync(file);
  }
}

/** A database server on a disk of 256 MB, which takes a root that may mount one; null where there is none. */
export async function startOnSmallDisk(): Promise<{ readonly server: Server; readonly disk: string; stop(): Promise<void> } | null> {
  const disk = mkdtempSync(join(tmpdir(), "fanfare-disk-"));
  if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=256m,mode=0755", "tmpfs", disk]).status !== 0) {
    rmSync(disk, { recursive: true });
    return null;
  }
  const unmount = (): void => {
    spawnSync("umount", ["-l", disk]);
    rmSync(disk, { recursive: true, force: true });
  };
  try {
    const server = await startPostgres({ within: disk });
    return { server, disk, stop: () => server.stop().finally(unmount) };
  } catch (error) {
    unmount();
    throw error;
  }
}
