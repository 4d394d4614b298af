import { z } from "zod";
import type { Inbox } from "../inbox.ts";
import { instant } from "./text.ts";

export const inboxQuery = z.strictObject({ to: z.string().max(254).exactOptional() });
export const inbox: z.ZodType<Inbox> = z.object({
  messages: z.array(
    z.object({
      id: z.string(),
      channel: z.enum(["email", "phone"]),
      to: z.string(),
      from: z.string(),
      subject: z.string(),
      text: z.string(),
      html: z.string().nullable(),
      code: z.string(),
      receivedAt: instant,
    }),
  ),
});
