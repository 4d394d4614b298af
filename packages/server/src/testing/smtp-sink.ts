import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";

/** A mail as it came over the wire. */
export interface ReceivedMail {
  readonly to: string;
  readonly raw: string;
  readonly messageId: string;
}

/** A real SMTP server that keeps what it is given. */
export interface SmtpSink {
  readonly port: number;
  readonly mails: readonly ReceivedMail[];
  /** Takes connections, at the same port every time. */
  start(): Promise<void>;
  /** Hangs up on everybody in the middle of whatever they say. */
  kill(): Promise<void>;
}

/** Makes it, stopped. `refuses`: recipients that it does not know. */
export async function createSmtpSink({
  refuses = () => false,
  port = 0,
}: { readonly refuses?: (to: string) => boolean; readonly port?: number } = {}): Promise<SmtpSink> {
  const mails: ReceivedMail[] = [];
  let server: SMTPServer | undefined;
  const sink = {
    port,
    mails,
    start: async () => {
      const open = new SMTPServer({
        authOptional: true,
        disabledCommands: ["AUTH", "STARTTLS"],
        logger: false,
        onRcptTo: ({ address }, _session, done) => done(refuses(address) ? Object.assign(new Error("No such person"), { responseCode: 550 }) : null),
        onData(stream, session, done) {
          const chunks: Buffer[] = [];
          stream.on("data", (chunk: Buffer) => void chunks.push(chunk));
          stream.on("end", () => {
            // Long lines come folded (RFC 2045 §6.7).
            const raw = Buffer.concat(chunks)
              .toString("utf8")
              .replaceAll(/(?<!\?)=\r?\n/g, "");
            mails.push({ to: session.envelope.rcptTo[0]?.address ?? "", raw, messageId: /^Message-ID: <([^>]+)>/im.exec(raw)?.[1] ?? "" });
            done();
          });
        },
      });
      // Connections that were cut off are the point of some tests.
      open.on("error", () => undefined);
      await new Promise<void>((resolve) => void open.listen(sink.port, "127.0.0.1", resolve));
      sink.port = (open.server.address() as AddressInfo).port;
      server = open;
    },
    kill: async () => {
      const closing = server;
      server = undefined;
      if (closing === undefined) return;
      for (const connection of closing.connections) connection._socket.destroy();
      await new Promise<void>((resolve) => closing.close(() => resolve()));
    },
  };
  return sink;
}
