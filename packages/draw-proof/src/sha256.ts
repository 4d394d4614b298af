// FIPS 180-4. Written here because everything a draw hashes is short: for 35 to 65 bytes the calls into a library cost more than the
// compression, and a page, a worker and a terminal must agree byte for byte without waiting for promises. Tested against Node's own.
const roundConstants = new Int32Array(64);
const firstState = new Int32Array(8);

// The constants are the first bits of the fractional parts of the roots of the first primes; made, so that none can be mistyped.
for (let candidate = 2, found = 0; found < 64; candidate++) {
  let prime = true;
  for (let divisor = 2; divisor * divisor <= candidate; divisor++) if (candidate % divisor === 0) prime = false;
  if (!prime) continue;
  if (found < 8) firstState[found] = fractionBits(candidate, 2n);
  roundConstants[found++] = fractionBits(candidate, 3n);
}

/** The first 32 bits behind the point of an integer root, by exact arithmetic. */
function fractionBits(prime: number, degree: 2n | 3n): number {
  const scaled = BigInt(prime) << (32n * degree);
  let low = 0n;
  let high = 1n << 40n;
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** degree <= scaled) low = middle;
    else high = middle;
  }
  return Number(BigInt.asIntN(32, low));
}

const schedule = new Int32Array(64);

function compress(state: Int32Array, block: Uint8Array, start: number): void {
  for (let t = 0, at = start; t < 16; t++, at += 4) {
    schedule[t] = ((block[at] as number) << 24) | ((block[at + 1] as number) << 16) | ((block[at + 2] as number) << 8) | (block[at + 3] as number);
  }
  for (let t = 16; t < 64; t++) {
    const early = schedule[t - 15] as number;
    const late = schedule[t - 2] as number;
    const low = ((early >>> 7) | (early << 25)) ^ ((early >>> 18) | (early << 14)) ^ (early >>> 3);
    const high = ((late >>> 17) | (late << 15)) ^ ((late >>> 19) | (late << 13)) ^ (late >>> 10);
    schedule[t] = ((schedule[t - 16] as number) + low + (schedule[t - 7] as number) + high) | 0;
  }
  let a = state[0] as number;
  let b = state[1] as number;
  let c = state[2] as number;
  let d = state[3] as number;
  let e = state[4] as number;
  let f = state[5] as number;
  let g = state[6] as number;
  let h = state[7] as number;
  for (let t = 0; t < 64; t++) {
    const mixE = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const first = (h + mixE + ((e & f) ^ (~e & g)) + (roundConstants[t] as number) + (schedule[t] as number)) | 0;
    const mixA = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const second = (mixA + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  state[0] = ((state[0] as number) + a) | 0;
  state[1] = ((state[1] as number) + b) | 0;
  state[2] = ((state[2] as number) + c) | 0;
  state[3] = ((state[3] as number) + d) | 0;
  state[4] = ((state[4] as number) + e) | 0;
  state[5] = ((state[5] as number) + f) | 0;
  state[6] = ((state[6] as number) + g) | 0;
  state[7] = ((state[7] as number) + h) | 0;
}

const running = new Int32Array(8);
const tail = new Uint8Array(128);

/**
 * Hashes `message[from, to)` into 32 bytes of `out` at `at`, without making anything. `after` = the state that whole blocks of
 * `afterBytes` bytes left behind; `out` may be the message itself.
 */
export function hashInto(out: Uint8Array, at: number, message: Uint8Array, from: number, to: number, after: Int32Array = firstState, afterBytes = 0): void {
  running.set(after);
  let start = from;
  for (; to - start >= 64; start += 64) compress(running, message, start);
  const rest = to - start;
  const padded = rest < 56 ? 64 : 128;
  for (let i = 0; i < rest; i++) tail[i] = message[start + i] as number;
  tail.fill(0, rest, padded);
  tail[rest] = 0x80;
  const bytes = afterBytes + to - from;
  const bitsAt = padded - 8;
  const high = Math.floor(bytes / 0x2000_0000);
  const low = (bytes << 3) >>> 0;
  for (let i = 0; i < 4; i++) {
    tail[bitsAt + i] = high >>> (24 - 8 * i);
    tail[bitsAt + 4 + i] = low >>> (24 - 8 * i);
  }
  compress(running, tail, 0);
  if (padded === 128) compress(running, tail, 64);
  for (let i = 0; i < 8; i++) {
    const word = running[i] as number;
    out[at + 4 * i] = word >>> 24;
    out[at + 4 * i + 1] = word >>> 16;
    out[at + 4 * i + 2] = word >>> 8;
    out[at + 4 * i + 3] = word;
  }
}

/** SHA-256 of a whole message. */
export function sha256(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const digest = new Uint8Array(32);
  hashInto(digest, 0, message, 0, message.length);
  return digest;
}

/** HMAC-SHA256 under one key: hashes `message[from, to)` into `out` at `at`. The key's two blocks are compressed once, not with each message. */
export type Hmac = (out: Uint8Array, at: number, message: Uint8Array, from: number, to: number) => void;

/** Prepares an HMAC-SHA256 (RFC 2104). The key may be of any length. */
export function createHmac(key: Uint8Array): Hmac {
  const short = key.length > 64 ? sha256(key) : key;
  const stateOf = (pad: number): Int32Array => {
    const block = new Uint8Array(64).fill(pad);
    for (let i = 0; i < short.length; i++) block[i] = (short[i] as number) ^ pad;
    const state = firstState.slice();
    compress(state, block, 0);
    return state;
  };
  const inner = stateOf(0x36);
  const outer = stateOf(0x5c);
  const middle = new Uint8Array(32);
  return (out, at, message, from, to) => {
    hashInto(middle, 0, message, from, to, inner, 64);
    hashInto(out, at, middle, 0, 32, outer, 64);
  };
}
