/** A message that was kept instead of sent: in development, where no way out is set up. */
export interface InboxMessage {
  readonly id: string;
  readonly channel: "email" | "phone";
  /** E-mail address, or E.164. */
  readonly to: string;
  /** The name that it comes from. */
  readonly from: string;
  readonly subject: string;
  readonly text: string;
  /** Null for a text message. */
  readonly html: string | null;
  /** The one-time code in it. */
  readonly code: string;
  readonly receivedAt: string;
}

/** `GET /inbox`: the newest two hundred, the newest first. */
export interface Inbox {
  readonly messages: readonly InboxMessage[];
}
