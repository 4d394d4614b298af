import type { Page, SecurityEvent, SecurityEventKind } from "@fanfare-io/fanfare-contract";
import type { Selectable } from "kysely";
import type { Database } from "./database.ts";
import { planPage, toPage } from "./page.ts";
import type { PageRequest } from "./page.ts";
import type { Tables } from "./tables.ts";

/** An event to write, or so many more of one that was written. Instants are milliseconds. */
export interface SecurityEventRow {
  readonly organizationId: string;
  readonly id: string;
  readonly kind: SecurityEventKind;
  readonly at: number;
  readonly times: number;
  readonly consumerId: string | null;
  readonly sessionId: string | null;
  readonly subject: string | null;
  readonly reason: string | null;
  readonly network: string | null;
  readonly requestId: string | null;
}

/** Writes events; one that is there already grows by its number. */
export async function writeSecurityEvents(db: Database, events: readonly SecurityEventRow[]): Promise<void> {
  await db.run(
    `insert into security_event (organization_id, id, kind, created_at, last_at, times, consumer_id, session_id, subject, reason, network, request_id)
     select e.organization_id, e.id, e.kind, e.at, e.at, e.times, e.consumer_id, e.session_id, e.subject, e.reason, e.network, e.request_id
       from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::int[], $6::uuid[], $7::uuid[], $8::text[], $9::text[], $10::text[], $11::text[])
         as e(organization_id, id, kind, at, times, consumer_id, session_id, subject, reason, network, request_id)
     on conflict (organization_id, id) do update set times = security_event.times + excluded.times, last_at = excluded.last_at`,
    [
      events.map((event) => event.organizationId),
      events.map((event) => event.id),
      events.map((event) => event.kind),
      events.map((event) => new Date(event.at)),
      events.map((event) => event.times),
      events.map((event) => event.consumerId),
      events.map((event) => event.sessionId),
      events.map((event) => event.subject),
      events.map((event) => event.reason),
      events.map((event) => event.network),
      events.map((event) => event.requestId),
    ],
  );
}

/** A page of an organization's events, newest first; null when the cursor is not one. */
export async function listSecurityEvents(
  db: Database,
  organizationId: string,
  request: PageRequest & { readonly kind?: SecurityEventKind; readonly consumerId?: string },
): Promise<Page<SecurityEvent> | null> {
  const plan = planPage(request);
  if (plan === null) return null;
  const rows = await db.queries
    .selectFrom("securityEvent")
    .selectAll()
    .where("organizationId", "=", organizationId)
    .where(plan.where)
    .$if(request.kind !== undefined, (query) => query.where("kind", "=", request.kind as SecurityEventKind))
    .$if(request.consumerId !== undefined, (query) => query.where("consumerId", "=", request.consumerId as string))
    .orderBy("createdAt", plan.direction)
    .orderBy("id", plan.direction)
    .limit(plan.limit)
    .execute();
  return toPage(plan, rows, show);
}

function show({ organizationId: _organization, createdAt, lastAt, ...event }: Selectable<Tables["securityEvent"]>): SecurityEvent {
  return { ...event, createdAt: createdAt.toISOString(), lastAt: lastAt.toISOString() };
}
