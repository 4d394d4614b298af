const digits = Array.from({ length: 256 }, (_, byte) => (byte < 16 ? "0" : "") + byte.toString(16));

/** Bytes as lower-case hexadecimal, the only way in which a transcript writes them. */
export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i++) text += digits[bytes[i] as number] as string;
  return text;
}

/** The bytes of a lower-case hexadecimal text of exactly this many bytes; null for anything else. */
export function fromHex(text: unknown, length: number): Uint8Array<ArrayBuffer> | null {
  if (typeof text !== "string" || text.length !== 2 * length || !/^[0-9a-f]*$/.test(text)) return null;
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}
