import type { Platform, TokenResponse } from "@fanfare-io/fanfare-contract";
import { endpoints } from "../transport/endpoints.ts";
import { isFanfareError } from "../transport/fanfare-error.ts";
import type { Transport } from "../transport/transport.ts";
import type { BindingKey } from "./live-session.ts";
import type { MakeProver } from "./proving.ts";
import { sessionEnded } from "./tab-session.ts";
import type { Revoking, Vault } from "./vault.ts";

/** What revoking needs from outside. */
export interface RevocationsOptions {
  readonly vault: Vault;
  readonly transport: Transport;
  readonly proverOf: MakeProver;
  readonly platform: Pick<Platform, "clock">;
  /** Hears why a revocation has to wait. */
  readonly onFailure: (error: unknown) => void;
}

/** Ended sessions that the service does not know of yet (rule A5). Their tokens and keys are used for nothing else. */
export interface Revocations {
  /**
   * The shopper logged out while this answer was on its way: what it opened is closed again, and its key is out of use.
   *
   * @throws FanfareError `SESSION_ENDED`
   */
  undo(answer: TokenResponse, binding: BindingKey | null): Promise<never>;
  /** Tells the service what it has still to hear; what cannot be told stays for the next call. */
  send(): Promise<void>;
}

/** After a day the record goes: an unbound session is over by then unless somebody stands in a line. */
const keptMs = 86_400_000;

/** Creates the list of one client. */
export function createRevocations({ vault, transport, proverOf, platform, onFailure }: RevocationsOptions): Revocations {
  const isOver = ({ since }: Revoking): boolean => !(Math.abs(platform.clock.now() - since) < keptMs);

  const revoke = async ({ refreshToken, key }: Revoking): Promise<void> => {
    try {
      const prove = key ? proverOf(key) : undefined;
      await transport.send({ endpoint: endpoints.logout, body: { refreshToken }, prove, attempts: 2, keepalive: true });
    } catch (error) {
      if (!isFanfareError(error) || error.retryable || error.code === "DESTROYED") return onFailure(error);
    }
    await vault.transact(({ revoking }) => ({ revoking: revoking.filter((it) => it.refreshToken !== refreshToken) }));
  };

  const send = async (): Promise<void> => {
    const { revoking } = await vault.read();
    if (revoking.some(isOver)) await vault.transact((now) => ({ revoking: now.revoking.filter((it) => !isOver(it)) }));
    // Tabs that log out together write the same one down.
    const each = new Map(revoking.filter((it) => !isOver(it)).map((it) => [it.refreshToken, it]));
    await Promise.all([...each.values()].map(revoke));
  };
  return Object.freeze<Revocations>({
    async undo({ refreshToken, tokenType }, binding) {
      const key = tokenType === "DPoP" && binding ? binding.key : null;
      await vault.transact((now) => ({
        revoking: [...now.revoking, { refreshToken, key, since: platform.clock.now() }],
        ...(key && now.key?.id === key.id && { key: null }),
      }));
      void send();
      throw sessionEnded();
    },
    send,
  });
}
