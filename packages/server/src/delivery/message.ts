import type { MessageLanguage } from "@fanfare-io/fanfare-contract";

/** What the outbox keeps sealed until it is delivered: everything that the words are made from. */
export interface CodeMessage {
  /** E-mail address or E.164 number. */
  readonly to: string;
  readonly code: string;
  readonly organizationName: string;
  readonly language: MessageLanguage;
  /** Host of the page that asked, for phones that offer a code to that page alone; null where it is not known. */
  readonly host: string | null;
}

/** A message in its words. */
export interface ComposedMessage {
  readonly subject: string;
  readonly text: string;
  /** Null for a text message. */
  readonly html: string | null;
}

/** One message on its way out. */
export interface Outgoing extends ComposedMessage {
  readonly organizationId: string;
  /** The same at every attempt, so that whoever receives it twice can tell. */
  readonly id: string;
  readonly to: string;
  /** Whom it is from, as people read it. */
  readonly senderName: string;
  readonly code: string;
}

/** No attempt takes longer; what comes of it afterwards, nobody waits for. */
export const attemptMs = 20_000;

/** A way out of the house. */
export interface Sender {
  /** Resolves when the other side has taken it. Rejects with `DeliveryRefused` where trying again is of no use. */
  send(message: Outgoing): Promise<void>;
  /** Hangs up. */
  close(): void;
}

/** The other side said that it will never take this message. `reason` names no person. */
export class DeliveryRefused extends Error {
  override readonly name = "DeliveryRefused";
  readonly reason: string;
  constructor(reason: string) {
    super(`Refused for good: ${reason}.`);
    this.reason = reason;
  }
}

/** It was not taken this time. `reason` names no person, as the messages of libraries and servers do. */
export class DeliveryFailed extends Error {
  override readonly name = "DeliveryFailed";
  readonly reason: string;
  constructor(reason: string) {
    super(`Not delivered: ${reason}.`);
    this.reason = reason;
  }
}
