-- Everything from arrival to checkout. Two rules hold for every table (docs/architecture.md):
-- each row carries its organization, and each key of a hot table names the distribution, so that a
-- distributed engine can place one line on one shard.

create table organization (
  id text primary key,
  name text not null,
  embedding_allowed_hosts text[],
  session_duration_seconds integer not null,
  checkout_seconds integer not null,
  created_at timestamptz not null
);

create table api_key (
  organization_id text not null references organization (id),
  id text not null,
  kind text not null check (kind in ('publishable', 'secret')),
  environment text not null check (environment in ('live', 'test')),
  key_hash bytea not null unique,
  hint text not null,
  created_at timestamptz not null,
  revoked_at timestamptz,
  primary key (organization_id, id)
);

create table consumer (
  organization_id text not null,
  id uuid not null,
  type text not null check (type in ('guest', 'identified')),
  email text,
  phone text,
  full_name text,
  created_at timestamptz not null,
  primary key (organization_id, id)
);

-- The refresh token is a counter on this one row: no table of tokens to grow or to clean.
create table session (
  organization_id text not null,
  id uuid not null,
  consumer_id uuid not null,
  install_key bytea,
  refresh_counter integer not null,
  refreshed_at timestamptz not null,
  duration_seconds integer not null,
  idle_expires_at timestamptz not null,
  family_expires_at timestamptz not null,
  revoked_at timestamptz,
  revoked_reason text,
  created_at timestamptz not null,
  primary key (organization_id, id)
);
create unique index session_install_key on session (organization_id, install_key) where install_key is not null;
create index session_consumer on session (organization_id, consumer_id);
create index session_revoked on session (revoked_at) where revoked_at is not null;
create index session_idle on session (idle_expires_at);

create table experience (
  organization_id text not null references organization (id),
  id text not null,
  name text not null,
  time_zone text not null,
  archived boolean not null default false,
  created_at timestamptz not null,
  updated_at timestamptz,
  primary key (organization_id, id)
);

create table sequence (
  organization_id text not null,
  id text not null,
  experience_id text not null,
  name text not null,
  priority integer not null,
  access_code_hash bytea,
  archived boolean not null default false,
  created_at timestamptz not null,
  updated_at timestamptz,
  primary key (organization_id, id),
  foreign key (organization_id, experience_id) references experience (organization_id, id)
);
create index sequence_experience on sequence (organization_id, experience_id);

-- Who came to look, once each: what a launch's reach is counted from.
create table experience_visit (
  organization_id text not null,
  experience_id text not null,
  consumer_id uuid not null,
  visited_at timestamptz not null,
  primary key (organization_id, experience_id, consumer_id)
);
create index experience_visit_consumer on experience_visit (organization_id, consumer_id);

-- Settings and the ticket counter share the row: what closes the queue also stops the tickets, in one place.
create table queue (
  organization_id text not null,
  id text not null,
  sequence_id text not null,
  experience_id text not null,
  name text not null,
  open_at timestamptz,
  close_at timestamptz,
  paused boolean not null default false,
  killed boolean not null default false,
  admit_rate double precision not null,
  capacity integer,
  max_waiting integer,
  max_admissions integer,
  admission_expiration_seconds integer not null,
  position_display_mode text not null check (position_display_mode in ('precise', 'qualitative')),
  message text,
  next_ticket bigint not null default 1,
  archived boolean not null default false,
  created_at timestamptz not null,
  updated_at timestamptz,
  primary key (organization_id, id),
  foreign key (organization_id, sequence_id) references sequence (organization_id, id)
) with (fillfactor = 70);
create index queue_sequence on queue (organization_id, sequence_id);

-- A ticket is null only while an early arrival waits for the opening.
create table queue_entry (
  queue_id text not null,
  organization_id text not null,
  ticket bigint,
  consumer_id uuid not null,
  state text not null check (state in ('waiting', 'admitted', 'completed', 'expired', 'left', 'denied')),
  -- Whether this entry is the consumer's one place in this queue (I2): waiting, admitted and completed are.
  live boolean not null default true,
  -- People ahead when this entry was made: what progress is measured from.
  ahead_at_entry integer not null,
  entered_at timestamptz not null,
  ended_at timestamptz,
  unique (queue_id, organization_id, ticket)
) with (fillfactor = 80);
create unique index queue_entry_live on queue_entry (organization_id, consumer_id, queue_id) where live;
create index queue_entry_past on queue_entry (organization_id, consumer_id, queue_id) where not live;

-- One row a distribution, apart from its settings: the cap is what this row says, whoever owns the lease (I4).
create table distribution_counters (
  distribution_id text not null,
  organization_id text not null,
  active integer not null default 0 check (active >= 0),
  granted bigint not null default 0,
  version bigint not null default 0,
  owner text,
  epoch bigint not null default 0,
  lease_expires_at timestamptz,
  tokens double precision not null default 0,
  refilled_at timestamptz,
  primary key (distribution_id, organization_id)
) with (fillfactor = 50);

-- The feed that nodes follow: what happened to which tickets, numbered without holes inside the transaction that did it.
create table distribution_change (
  distribution_id text not null,
  organization_id text not null,
  version bigint not null,
  kind text not null check (kind in ('admitted', 'left', 'completed', 'expired')),
  tickets bigint[] not null,
  at timestamptz not null,
  primary key (distribution_id, organization_id, version)
);
create index distribution_change_at on distribution_change (at);

create table admission_grant (
  distribution_id text not null,
  organization_id text not null,
  id text not null,
  mechanism text not null,
  experience_id text not null,
  sequence_id text not null,
  consumer_id uuid not null,
  ticket bigint,
  state text not null check (state in ('active', 'held', 'completed', 'expired')),
  granted_at timestamptz not null,
  expires_at timestamptz not null,
  presentation_id uuid,
  presentation_used boolean not null default false,
  redemption_id text,
  held_until timestamptz,
  receipt_id text,
  order_id text,
  order_amount text,
  completed_at timestamptz,
  primary key (distribution_id, organization_id, id)
);
create unique index admission_grant_redemption on admission_grant (organization_id, redemption_id) where redemption_id is not null;
create unique index admission_grant_live on admission_grant (organization_id, consumer_id, distribution_id) where state in ('active', 'held');
create index admission_grant_due on admission_grant (distribution_id, organization_id, expires_at) where state in ('active', 'held');
