import { createHmac } from "@fanfare-io/fanfare-draw-proof";
import type { Database } from "../data/database.ts";
import { readSecrets } from "../data/draw-secrets.ts";
import { keyOf } from "../data/draws.ts";
import type { DrawFacts } from "../domain/draw.ts";

/** Makes the 16 bytes of salt of a consumer's entry in one draw. */
export type SaltOf = (consumerId: string) => Uint8Array;

const rememberedDraws = 1_000;
const saltBytes = 16;

/** Makes the makers of salts, one a draw: a salt comes from the consumer's id under the draw's own key, so that none has to be kept. */
export function createSalts(db: Database): (draw: DrawFacts) => Promise<SaltOf> {
  const makers = new Map<string, Promise<SaltOf>>();

  async function makerOf(draw: DrawFacts): Promise<SaltOf> {
    const { blindingKey } = await readSecrets(db, keyOf(draw));
    const hmac = createHmac(blindingKey);
    const encoder = new TextEncoder();
    const digest = new Uint8Array(32);
    return (consumerId) => {
      const message = encoder.encode(consumerId);
      hmac(digest, 0, message, 0, message.length);
      return digest.slice(0, saltBytes);
    };
  }

  return (draw) => {
    const name = `${draw.organizationId}\n${draw.id}`;
    const known = makers.get(name);
    if (known !== undefined) return known;
    if (makers.size >= rememberedDraws) makers.clear();
    const maker = makerOf(draw);
    makers.set(name, maker);
    maker.catch(() => makers.delete(name));
    return maker;
  };
}
