import type { PublicQueue } from "@fanfare-io/fanfare-contract";

const freshMs = 1_000;

/**
 * The shared body as a cache in front of the service has it: asked for once a second however many look, and an older one while the
 * service does not answer. `onLook` hears of each look.
 */
export function createCrowdCache(deps: {
  readonly fetch: () => Promise<PublicQueue>;
  readonly now: () => number;
  readonly onLook: () => void;
}): () => Promise<PublicQueue> {
  let kept: { readonly at: number; readonly body: PublicQueue } | null = null;
  let asking: Promise<PublicQueue> | null = null;

  async function ask(): Promise<PublicQueue> {
    const at = deps.now();
    try {
      kept = { at, body: await deps.fetch() };
      return kept.body;
    } catch (error) {
      if (kept === null) throw error;
      return kept.body;
    } finally {
      asking = null;
    }
  }

  return () => {
    deps.onLook();
    if (kept !== null && deps.now() - kept.at < freshMs) return Promise.resolve(kept.body);
    return (asking ??= ask());
  };
}
