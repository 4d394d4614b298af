/** Uniform in [0, 1): for jitter, never for secrets. */
export const systemRandom = (): number => Math.random();

/** Bytes that nobody can guess. */
export function randomBytes(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}
