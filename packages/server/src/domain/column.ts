/** Numbers by index, zero until set. Grows without copying what is there, so that a long column stalls no more than a short one. */
export interface Column {
  get(index: number): number;
  set(index: number, value: number): void;
}

const chunkBits = 16;
const chunkLength = 1 << chunkBits;
const shortest = 64;

/** Makes a column of bytes or of 32-bit words. */
export function createColumn(make: (length: number) => Uint8Array | Uint32Array): Column {
  const chunks: (Uint8Array | Uint32Array | undefined)[] = [];

  function chunkFor(index: number): Uint8Array | Uint32Array {
    const number = index >>> chunkBits;
    const known = chunks[number];
    // Only the first chunk starts short and doubles: most lines are short, and a copy of 64 k words takes microseconds.
    const needed = number === 0 ? (index & (chunkLength - 1)) + 1 : chunkLength;
    if (known !== undefined && known.length >= needed) return known;
    let length = number === 0 ? Math.max(shortest, known?.length ?? 0) : chunkLength;
    while (length < needed) length *= 2;
    const chunk = make(length);
    if (known !== undefined) chunk.set(known);
    while (chunks.length <= number) chunks.push(undefined);
    chunks[number] = chunk;
    return chunk;
  }

  return Object.freeze<Column>({
    get: (index) => chunks[index >>> chunkBits]?.[index & (chunkLength - 1)] ?? 0,
    set(index, value) {
      chunkFor(index)[index & (chunkLength - 1)] = value;
    },
  });
}
