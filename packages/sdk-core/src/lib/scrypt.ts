/** Derives keys by scrypt, again and again with the same memory. */
export type Scrypt = (password: Uint8Array, salt: Uint8Array, keyLength: number) => Uint8Array;

/** The costs of RFC 7914: N and r; p is 1. */
export interface ScryptCost {
  readonly N: number;
  readonly r: number;
}

/**
 * Makes the derivation of RFC 7914. The function refers to nothing outside of itself and is meant to be sent to a worker as its own text:
 * a published package cannot name a worker's file in a way that every bundler takes. It takes 128 · N · r bytes.
 */
export function createScrypt({ N, r }: ScryptCost): Scrypt {
  const words = 32 * r;
  const memory = new Int32Array(N * words);
  const constants = new Int32Array(64);
  const start = new Int32Array(8);
  const schedule = new Int32Array(64);

  // The fractions of the cube and square roots of the first primes, as FIPS 180-4 has them.
  for (let candidate = 2, found = 0; found < 64; candidate++) {
    let isPrime = true;
    for (let factor = 2; factor * factor <= candidate; factor++) if (candidate % factor === 0) isPrime = false;
    if (!isPrime) continue;
    if (found < 8) start[found] = (candidate ** 0.5 % 1) * 4294967296;
    constants[found++] = (Math.cbrt(candidate) % 1) * 4294967296;
  }

  function compress(state: Int32Array, bytes: DataView, at: number): void {
    const w = schedule;
    for (let i = 0; i < 16; i++) w[i] = bytes.getInt32(at + i * 4);
    for (let i = 16; i < 64; i++) {
      const [x, y] = [w[i - 15]!, w[i - 2]!];
      const near = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const far = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[i] = w[i - 16]! + near + w[i - 7]! + far;
    }
    let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
    for (let i = 0; i < 64; i++) {
      const turned = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const first = (h + turned + ((e & f) ^ (~e & g)) + constants[i]! + w[i]!) | 0;
      const mixed = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const second = mixed + ((a & b) ^ (a & c) ^ (b & c));
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((value, index) => (state[index]! += value));
  }

  function sha256(...parts: readonly Uint8Array[]): Uint8Array {
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const padded = new Uint8Array(((length + 72) >> 6) << 6);
    let at = 0;
    for (const part of parts) {
      padded.set(part, at);
      at += part.length;
    }
    padded[length] = 128;
    const view = new DataView(padded.buffer);
    view.setUint32(padded.length - 4, length * 8);
    const state = start.slice();
    for (let block = 0; block < padded.length; block += 64) compress(state, view, block);
    const digest = new DataView(new ArrayBuffer(32));
    state.forEach((word, index) => digest.setInt32(index * 4, word));
    return new Uint8Array(digest.buffer);
  }

  // PBKDF2 with HMAC-SHA-256 and one iteration, which is all that scrypt asks of it.
  function stretch(password: Uint8Array, salt: Uint8Array, length: number): Uint8Array {
    const key = new Uint8Array(64);
    key.set(password.length > 64 ? sha256(password) : password);
    const [inner, outer] = [key.map((byte) => byte ^ 0x36), key.map((byte) => byte ^ 0x5c)];
    const out = new Uint8Array(length);
    for (let block = 0; block * 32 < length; block++) {
      const digest = sha256(outer, sha256(inner, salt, new Uint8Array([0, 0, (block + 1) >> 8, block + 1])));
      out.set(digest.subarray(0, length - block * 32), block * 32);
    }
    return out;
  }

  // Salsa20/8 over the chunks of a block; all sixteen words in variables, because an engine keeps those in registers and an array in memory.
  // oxfmt-ignore
  function mixBlock(from: Int32Array, with_: Int32Array, offset: number, to: Int32Array): void {
    let o = words - 16;
    let x0 = from[o]! ^ with_[offset + o]!, x1 = from[++o]! ^ with_[offset + o]!, x2 = from[++o]! ^ with_[offset + o]!, x3 = from[++o]! ^ with_[offset + o]!;
    let x4 = from[++o]! ^ with_[offset + o]!, x5 = from[++o]! ^ with_[offset + o]!, x6 = from[++o]! ^ with_[offset + o]!, x7 = from[++o]! ^ with_[offset + o]!;
    let x8 = from[++o]! ^ with_[offset + o]!, x9 = from[++o]! ^ with_[offset + o]!, xa = from[++o]! ^ with_[offset + o]!, xb = from[++o]! ^ with_[offset + o]!;
    let xc = from[++o]! ^ with_[offset + o]!, xd = from[++o]! ^ with_[offset + o]!, xe = from[++o]! ^ with_[offset + o]!, xf = from[++o]! ^ with_[offset + o]!;
    for (let chunk = 0; chunk < 2 * r; chunk++) {
      let p = chunk * 16, m = offset + p;
      const j0 = (x0 ^= from[p]! ^ with_[m]!), j1 = (x1 ^= from[++p]! ^ with_[++m]!), j2 = (x2 ^= from[++p]! ^ with_[++m]!), j3 = (x3 ^= from[++p]! ^ with_[++m]!);
      const j4 = (x4 ^= from[++p]! ^ with_[++m]!), j5 = (x5 ^= from[++p]! ^ with_[++m]!), j6 = (x6 ^= from[++p]! ^ with_[++m]!), j7 = (x7 ^= from[++p]! ^ with_[++m]!);
      const j8 = (x8 ^= from[++p]! ^ with_[++m]!), j9 = (x9 ^= from[++p]! ^ with_[++m]!), ja = (xa ^= from[++p]! ^ with_[++m]!), jb = (xb ^= from[++p]! ^ with_[++m]!);
      const jc = (xc ^= from[++p]! ^ with_[++m]!), jd = (xd ^= from[++p]! ^ with_[++m]!), je = (xe ^= from[++p]! ^ with_[++m]!), jf = (xf ^= from[++p]! ^ with_[++m]!);
      for (let round = 0, t = 0; round < 4; round++) {
        t = (x0 + xc) | 0; x4 ^= (t << 7) | (t >>> 25); t = (x4 + x0) | 0; x8 ^= (t << 9) | (t >>> 23); t = (x8 + x4) | 0; xc ^= (t << 13) | (t >>> 19); t = (xc + x8) | 0; x0 ^= (t << 18) | (t >>> 14);
        t = (x5 + x1) | 0; x9 ^= (t << 7) | (t >>> 25); t = (x9 + x5) | 0; xd ^= (t << 9) | (t >>> 23); t = (xd + x9) | 0; x1 ^= (t << 13) | (t >>> 19); t = (x1 + xd) | 0; x5 ^= (t << 18) | (t >>> 14);
        t = (xa + x6) | 0; xe ^= (t << 7) | (t >>> 25); t = (xe + xa) | 0; x2 ^= (t << 9) | (t >>> 23); t = (x2 + xe) | 0; x6 ^= (t << 13) | (t >>> 19); t = (x6 + x2) | 0; xa ^= (t << 18) | (t >>> 14);
        t = (xf + xb) | 0; x3 ^= (t << 7) | (t >>> 25); t = (x3 + xf) | 0; x7 ^= (t << 9) | (t >>> 23); t = (x7 + x3) | 0; xb ^= (t << 13) | (t >>> 19); t = (xb + x7) | 0; xf ^= (t << 18) | (t >>> 14);
        t = (x0 + x3) | 0; x1 ^= (t << 7) | (t >>> 25); t = (x1 + x0) | 0; x2 ^= (t << 9) | (t >>> 23); t = (x2 + x1) | 0; x3 ^= (t << 13) | (t >>> 19); t = (x3 + x2) | 0; x0 ^= (t << 18) | (t >>> 14);
        t = (x5 + x4) | 0; x6 ^= (t << 7) | (t >>> 25); t = (x6 + x5) | 0; x7 ^= (t << 9) | (t >>> 23); t = (x7 + x6) | 0; x4 ^= (t << 13) | (t >>> 19); t = (x4 + x7) | 0; x5 ^= (t << 18) | (t >>> 14);
        t = (xa + x9) | 0; xb ^= (t << 7) | (t >>> 25); t = (xb + xa) | 0; x8 ^= (t << 9) | (t >>> 23); t = (x8 + xb) | 0; x9 ^= (t << 13) | (t >>> 19); t = (x9 + x8) | 0; xa ^= (t << 18) | (t >>> 14);
        t = (xf + xe) | 0; xc ^= (t << 7) | (t >>> 25); t = (xc + xf) | 0; xd ^= (t << 9) | (t >>> 23); t = (xd + xc) | 0; xe ^= (t << 13) | (t >>> 19); t = (xe + xd) | 0; xf ^= (t << 18) | (t >>> 14);
      }
      let q = ((chunk >> 1) + (chunk & 1) * r) * 16;
      to[q] = x0 = (x0 + j0) | 0; to[++q] = x1 = (x1 + j1) | 0; to[++q] = x2 = (x2 + j2) | 0; to[++q] = x3 = (x3 + j3) | 0;
      to[++q] = x4 = (x4 + j4) | 0; to[++q] = x5 = (x5 + j5) | 0; to[++q] = x6 = (x6 + j6) | 0; to[++q] = x7 = (x7 + j7) | 0;
      to[++q] = x8 = (x8 + j8) | 0; to[++q] = x9 = (x9 + j9) | 0; to[++q] = xa = (xa + ja) | 0; to[++q] = xb = (xb + jb) | 0;
      to[++q] = xc = (xc + jc) | 0; to[++q] = xd = (xd + jd) | 0; to[++q] = xe = (xe + je) | 0; to[++q] = xf = (xf + jf) | 0;
    }
  }

  const nothing = new Int32Array(words);
  let [now, next] = [new Int32Array(words), new Int32Array(words)];

  return (password, salt, keyLength) => {
    const bytes = stretch(password, salt, words * 4);
    const view = new DataView(bytes.buffer);
    for (let word = 0; word < words; word++) now[word] = view.getInt32(word * 4, true);
    for (let step = 0; step < N; step++) {
      memory.set(now, step * words);
      mixBlock(now, nothing, 0, next);
      [now, next] = [next, now];
    }
    for (let step = 0; step < N; step++) {
      mixBlock(now, memory, (now[words - 16]! & (N - 1)) * words, next);
      [now, next] = [next, now];
    }
    for (let word = 0; word < words; word++) view.setInt32(word * 4, now[word]!, true);
    return stretch(password, bytes, keyLength);
  };
}
