import type { Inbox } from "../../delivery/inbox.ts";
import type { Handlers } from "../endpoint.ts";
import { ServiceError } from "../service-error.ts";

/** The route of the development inbox: an organization's own messages. In production there is no inbox, and nothing here. */
export function inboxHandlers({ inbox }: { readonly inbox: Inbox | null }): Handlers<"listInbox"> {
  return {
    async listInbox({ tenant, query }) {
      if (inbox === null) throw new ServiceError("not_found");
      const messages = await inbox.list(tenant.id);
      return { body: { messages: query.to === undefined ? messages : messages.filter(({ to }) => to === query.to) } };
    },
  };
}
