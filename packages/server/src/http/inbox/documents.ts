import type { IncomingMessage } from "node:http";
import type { Inbox } from "../../delivery/inbox.ts";
import type { PlainAnswer, PlainDocument } from "../router.ts";
import { ServiceError } from "../service-error.ts";
import { inboxPage, pagePolicy } from "./page.ts";

const mailPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'";

/** The inbox as pages, for a browser on this very machine: there is nobody else in development who could be asked for a key in a page's address. */
export function inboxDocuments(inbox: Inbox): readonly PlainDocument[] {
  return [
    {
      path: "/inbox",
      isAtRootOnly: true,
      async answer({ request }) {
        demandOwner(request);
        return asPage(inboxPage(await inbox.listAll()), pagePolicy);
      },
    },
    {
      path: "/inbox/:messageId",
      isAtRootOnly: true,
      async answer({ request, params }) {
        demandOwner(request);
        const message = (await inbox.listAll()).find(({ id }) => id === params["messageId"]);
        if (message?.html == null) throw new ServiceError("not_found");
        return asPage(message.html, mailPolicy);
      },
    },
  ];
}

function asPage(html: string, policy: string): PlainAnswer {
  const headers = ["Content-Security-Policy", policy, "Referrer-Policy", "no-referrer", "Cross-Origin-Resource-Policy", "same-origin"];
  return {
    bytes: Buffer.from(html),
    contentType: "text/html; charset=utf-8",
    cacheControl: "no-store",
    headers: [...headers, "Cross-Origin-Opener-Policy", "same-origin"],
  };
}

const thisMachine = /^(?:127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/;
const itsNames = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * Somebody at this machine, by what only they can send: the connection comes from it, nobody passed it on, the address bar names it (or a
 * page elsewhere could have its own name lead here), and no other site's page asks.
 */
function demandOwner({ socket, headers }: IncomingMessage): void {
  const site = headers["sec-fetch-site"];
  const host = `http://${headers.host ?? ""}`;
  const isOwner =
    thisMachine.test(socket.remoteAddress ?? "") &&
    headers["x-forwarded-for"] === undefined &&
    headers["forwarded"] === undefined &&
    URL.canParse(host) &&
    itsNames.has(new URL(host).hostname) &&
    (site === undefined || site === "none" || site === "same-origin");
  if (!isOwner) throw new ServiceError("not_found");
}
