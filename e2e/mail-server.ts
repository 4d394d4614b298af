import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";

/** A mail as it came over the wire. */
export interface Mail {
  readonly to: string;
  readonly messageId: string;
  readonly code: string;
}

/** A mail server that speaks SMTP (RFC 5321) and says when it has taken something. */
export interface MailServer {
  readonly port: number;
  /** What came in whole, told or not, in order. */
  readonly mails: readonly Mail[];
  /** From now on what came in whole is kept, and nobody is told that it was. */
  hold(): void;
  /** Says so to whoever still listens, and at once from now on. */
  release(): void;
  close(): Promise<void>;
}

/** Starts it on a free port. */
export async function startMailServer(): Promise<MailServer> {
  const mails: Mail[] = [];
  const sockets = new Set<Socket>();
  let waiting: (() => void)[] = [];
  let isHeld = false;
  const taken = (socket: Socket): void => {
    const tell = (): void => void (socket.writable && socket.write("250 Taken\r\n"));
    if (isHeld) waiting.push(tell);
    else tell();
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    // A process that is killed hangs up in the middle of a word.
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    converse(socket, (mail) => {
      mails.push(mail);
      taken(socket);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return Object.freeze<MailServer>({
    port: (server.address() as AddressInfo).port,
    mails,
    hold: () => void (isHeld = true),
    release() {
      isHeld = false;
      for (const tell of waiting) tell();
      waiting = [];
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  });
}

function converse(socket: Socket, onMail: (mail: Mail) => void): void {
  let unread = "";
  let to = "";
  let isData = false;
  const say = (line: string): void => void socket.write(`${line}\r\n`);
  const hear = (command: string): void => {
    const verb = command.slice(0, 4).toUpperCase();
    if (verb === "RCPT") to = /<([^>]+)>/.exec(command)?.[1] ?? "";
    if (verb === "DATA") isData = true;
    if (verb === "QUIT") return void socket.end("221 Bye\r\n");
    say(verb === "DATA" ? "354 Go on" : verb === "EHLO" ? "250-mail.test\r\n250 8BITMIME" : "250 Yes");
  };
  socket.on("data", (chunk) => {
    unread += chunk.toString("latin1");
    for (;;) {
      const end = unread.indexOf(isData ? "\r\n.\r\n" : "\r\n");
      if (end < 0) return;
      const text = unread.slice(0, end);
      unread = unread.slice(end + (isData ? 5 : 2));
      if (!isData) hear(text);
      else {
        isData = false;
        onMail({ to, messageId: /^Message-ID: <([^>]+)>/im.exec(text)?.[1] ?? "", code: /^(\d{6,12})\r?$/m.exec(text)?.[1] ?? "" });
      }
    }
  });
  say("220 mail.test");
}
