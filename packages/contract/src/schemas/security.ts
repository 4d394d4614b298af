import { z } from "zod";
import type { SecurityEvent, SecurityEventKind } from "../security.ts";
import { listQuery, page } from "./page.ts";
import { instant, uuid } from "./text.ts";

const kinds = [
  "wrong_key",
  "proof_replayed",
  "refresh_reused",
  "grant_token_refused",
  "session_revoked",
  "consumer_revoked",
  "grant_revoked",
  "consumer_exported",
  "consumer_erased",
  "session_transferred",
  "check_released",
  "binding_released",
  "identity_proved",
  "identity_conflict",
  "consumer_merged",
  "consumer_unlinked",
  "api_key_created",
  "api_key_revoked",
] as const satisfies readonly SecurityEventKind[];

export const securityEventQuery = listQuery.extend({ kind: z.enum(kinds).exactOptional(), consumerId: uuid.exactOptional() });
export const securityEvent: z.ZodType<SecurityEvent> = z.object({
  id: z.string(),
  kind: z.enum(kinds),
  createdAt: instant,
  lastAt: instant,
  times: z.int(),
  consumerId: uuid.nullable(),
  sessionId: uuid.nullable(),
  subject: z.string().nullable(),
  reason: z.string().nullable(),
  network: z.string().nullable(),
  requestId: z.string().nullable(),
});
export const securityEventPage = page(securityEvent);
