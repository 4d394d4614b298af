/** How the early arrivals of a queue are ordered. Absent in a queue that takes people as they come. */
export interface EarlyOrder {
  /** 32 bytes, secret until the opening. */
  readonly seed: Uint8Array;
  /** How many arrivals were ordered at the opening; null before it. */
  readonly drawn: number | null;
}

/** Where each early arrival stands. Both count from 1; what came later stands where it came. */
export interface EarlyPlaces {
  readonly early: number;
  placeOf(arrival: number): number;
  arrivalAt(place: number): number;
}

const keysPerHash = 4;
const digits = 1 << 8;
/** Arrivals between two pauses where each costs a hash, and where it costs a look or two: a few milliseconds. */
const hashesAtOnce = 2_048;
const looksAtOnce = 32_768;

/** HMAC-SHA256 of a text under the seed. */
export type SeededHash = (text: string) => Uint8Array;

/**
 * Orders arrivals 1 to `early`: by their key, the lower arrival first where two are equal. The key of an arrival is eight bytes of
 * HMAC-SHA256(seed, block), where `block` is the decimal text of ⌊(arrival − 1) / 4⌋ and the bytes are the ((arrival − 1) mod 4)-th eight. It
 * depends on the seed and the arrival alone, so anybody can compute it (docs/queue-order.md). Pauses where it yields, so that a million
 * arrivals stop nobody's answer.
 */
export function* orderArrivals(hash: SeededHash, early: number): Generator<undefined, EarlyPlaces> {
  const high = new Uint32Array(early);
  const low = new Uint32Array(early);
  for (let index = 0; index < early; index += keysPerHash) {
    const bytes = hash(String(index / keysPerHash));
    const keys = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let slot = 0; slot < keysPerHash && index + slot < early; slot++) {
      high[index + slot] = keys.getUint32(slot * 8);
      low[index + slot] = keys.getUint32(slot * 8 + 4);
    }
    if (index % hashesAtOnce === 0) yield;
  }
  let order = new Uint32Array(early);
  for (let index = 0; index < early; index++) order[index] = index;
  // From the lowest byte up: each pass keeps the order of the one before among equals.
  for (const keys of [low, high]) for (let shift = 0; shift < 32; shift += 8) order = yield* sortBy(keys, shift, order);
  const places = new Uint32Array(early);
  for (let index = 0; index < early; index++) {
    places[order[index] ?? 0] = index;
    if (index % looksAtOnce === 0) yield;
  }
  return Object.freeze<EarlyPlaces>({
    early,
    placeOf: (arrival) => (arrival > early ? arrival : (places[arrival - 1] ?? 0) + 1),
    arrivalAt: (place) => (place > early ? place : (order[place - 1] ?? 0) + 1),
  });
}

function* sortBy(keys: Uint32Array, shift: number, order: Uint32Array): Generator<undefined, Uint32Array<ArrayBuffer>> {
  const starts = new Uint32Array(digits + 1);
  const digitOf = (item: number): number => ((keys[item] ?? 0) >>> shift) & (digits - 1);
  for (let index = 0; index < order.length; index++) {
    const after = digitOf(order[index] ?? 0) + 1;
    starts[after] = (starts[after] ?? 0) + 1;
    if (index % looksAtOnce === 0) yield;
  }
  for (let digit = 0; digit < digits; digit++) starts[digit + 1] = (starts[digit + 1] ?? 0) + (starts[digit] ?? 0);
  const sorted = new Uint32Array(order.length);
  for (let index = 0; index < order.length; index++) {
    const item = order[index] ?? 0;
    const digit = digitOf(item);
    const at = starts[digit] ?? 0;
    sorted[at] = item;
    starts[digit] = at + 1;
    if (index % looksAtOnce === 0) yield;
  }
  return sorted;
}

/** The same, in one go. */
export function placesOf(hash: SeededHash, early: number): EarlyPlaces {
  const ordering = orderArrivals(hash, early);
  for (;;) {
    const step = ordering.next();
    if (step.done === true) return step.value;
  }
}
