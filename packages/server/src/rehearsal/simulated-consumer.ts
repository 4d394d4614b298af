import type { ConsumerWords } from "../domain/consumer-id.ts";

/** The id of a simulated shopper as words. */
export function consumerWordsOf(shopper: number): ConsumerWords {
  // Spread as real ids are, so that looking one up costs what it costs in a launch.
  return [0x01900000, 0x00007000, (Math.imul(shopper, 0x9e3779b1) | 0x80000000) >>> 0, shopper >>> 0];
}

/** Names simulated shoppers: a UUID like any other, made once for each, however many ask for it. */
export function createSimulatedConsumers(): (shopper: number) => string {
  const names: string[] = [];
  return (shopper) => (names[shopper] ??= simulatedConsumer(shopper));
}

function simulatedConsumer(shopper: number): string {
  const [first, second, third, fourth] = consumerWordsOf(shopper).map((word) => word.toString(16).padStart(8, "0")) as [string, string, string, string];
  // As bytes and back: what is put together from parts stays a tree of them, and is slower to read each time than what comes over the wire.
  return Buffer.from(`${first}-${second.slice(0, 4)}-${second.slice(4)}-${third.slice(0, 4)}-${third.slice(4)}${fourth}`, "latin1").toString("latin1");
}
