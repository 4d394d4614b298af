import type { InboxMessage } from "@fanfare-io/fanfare-contract";
import type { Database } from "../data/database.ts";
import { keepMessage, readAllKeptMessages, readKeptMessages } from "../data/inbox.ts";
import type { KeptMessage } from "../data/inbox.ts";
import type { Seals } from "../platform/seals.ts";
import type { Sender } from "./message.ts";

/** Where messages end in development: kept, to be looked at, and sent to nobody. */
export interface Inbox {
  readonly senderFor: (channel: "email" | "phone") => Sender;
  /** The newest first. */
  list(organizationId: string): Promise<readonly InboxMessage[]>;
  /** Of all organizations. */
  listAll(): Promise<readonly InboxMessage[]>;
}

const mostListed = 200;

/** Makes the inbox. It lies in the database, so that every node shows the same, and sealed, because it holds codes. */
export function createInbox({ db, seals, now }: { readonly db: Database; readonly seals: Seals; readonly now: () => number }): Inbox {
  const open = (kept: readonly KeptMessage[]): readonly InboxMessage[] =>
    kept.flatMap(({ sealed }) => {
      const bytes = seals.open(sealed);
      return bytes === null ? [] : [JSON.parse(Buffer.from(bytes).toString("utf8")) as InboxMessage];
    });
  return Object.freeze<Inbox>({
    senderFor: (channel) => ({
      async send({ organizationId, id, to, senderName, subject, text, html, code }) {
        const receivedAt = now();
        const message: InboxMessage = { id, channel, to, from: senderName, subject, text, html, code, receivedAt: new Date(receivedAt).toISOString() };
        await keepMessage(db, { organizationId, id, receivedAt, sealed: seals.seal(Buffer.from(JSON.stringify(message))) });
      },
      close: () => undefined,
    }),
    list: async (organizationId) => open(await readKeptMessages(db, organizationId, mostListed)),
    listAll: async () => open(await readAllKeptMessages(db, mostListed)),
  });
}
