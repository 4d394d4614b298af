-- What happened to sessions and grants that an operator may have to answer for. No token, no full address, nothing that identifies beyond
-- the ids, which erasure takes out.
create table security_event (
  organization_id text not null,
  id text not null,
  kind text not null,
  created_at timestamptz not null,
  last_at timestamptz not null,
  times integer not null,
  consumer_id uuid,
  session_id uuid,
  subject text,
  reason text,
  network text,
  request_id text,
  primary key (organization_id, id)
);
create index security_event_listed on security_event (organization_id, created_at, id);
create index security_event_consumer on security_event (organization_id, consumer_id) where consumer_id is not null;
create index security_event_at on security_event (created_at);

-- Proofs that were used where once is meant, for as long as they could be used again. Losing it in a crash of the database gives a
-- proof of the last minutes a second chance, so it is not logged.
create unlogged table spent_proof (
  organization_id text not null,
  id bytea not null,
  expires_at timestamptz not null,
  primary key (organization_id, id)
);
create index spent_proof_expires on spent_proof (expires_at);
