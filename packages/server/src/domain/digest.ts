import type { DepartureDigest } from "@fanfare-io/fanfare-contract";
import type { Line } from "./line.ts";

const smallestBlock = 512;
const mostBlocks = 512;

/** Tickets that one count of the digest covers: as fine as half a thousand counts allow. */
export function blockSizeOf(line: Line): number {
  const span = line.tail() - lowestWaiting(line) + 1;
  let size = smallestBlock;
  while (span > size * (mostBlocks - 1)) size *= 2;
  return size;
}

/**
 * How many have gone from each stretch of the line. With their ticket and what has gone from their own stretch, a waiter finds their
 * position from it without asking for themselves.
 */
export function digestOf(line: Line): DepartureDigest {
  const blockSize = blockSizeOf(line);
  const from = Math.floor(lowestWaiting(line) / blockSize) * blockSize;
  const counts: number[] = [];
  for (let start = from; start <= line.tail(); start += blockSize)
    counts.push(departedBelow(line, Math.min(start + blockSize, line.tail() + 1)) - departedBelow(line, start));
  return { from, before: departedBelow(line, from), blockSize, counts };
}

/** How many have gone from a ticket's own stretch before it. */
export function departedInBlock(line: Line, ticket: number, blockSize: number): number {
  return departedBelow(line, ticket) - departedBelow(line, Math.floor(ticket / blockSize) * blockSize);
}

function departedBelow(line: Line, ticket: number): number {
  return ticket - line.positionOf(ticket);
}

function lowestWaiting(line: Line): number {
  let lowest = line.tail() + 1;
  line.walk((ticket) => {
    lowest = ticket;
    return false;
  });
  return lowest;
}
