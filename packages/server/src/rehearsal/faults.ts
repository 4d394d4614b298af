import type { SeededRandom } from "./random.ts";

/**
 * What goes wrong in a simulated launch: a node `dies` and comes back with an empty memory; one `freezes` with its lease and wakes up
 * with what it knew then; all of them `stall` for a moment; an answer of the database is `lost`, whether or not its statement committed.
 */
export type Fault =
  | { readonly kind: "dies" | "freezes"; readonly at: number; readonly node: number; readonly forMs: number }
  | { readonly kind: "stalls"; readonly at: number; readonly forMs: number }
  | { readonly kind: "lost"; readonly at: number; readonly committed: boolean };

/** Draws faults over a launch, in order; none where `everySeconds` is null. */
export function drawFaults(seconds: number, everySeconds: number | null, nodes: number, random: SeededRandom): readonly Fault[] {
  const faults: Fault[] = [];
  if (everySeconds === null) return faults;
  for (let at = random.exponential(everySeconds * 1000); at < seconds * 1000; at += random.exponential(everySeconds * 1000)) {
    faults.push(drawFault(at, nodes, random));
  }
  return faults;
}

function drawFault(at: number, nodes: number, random: SeededRandom): Fault {
  const node = random.index(nodes);
  switch (random.index(4)) {
    case 0:
      return { kind: "dies", at, node, forMs: random.between(500, 8_000) };
    case 1:
      return { kind: "freezes", at, node, forMs: random.between(500, 10_000) };
    case 2:
      return { kind: "stalls", at, forMs: random.between(200, 3_000) };
    default:
      return { kind: "lost", at, committed: random.chance(0.5) };
  }
}
