-- A draw. What decides it is written down before it can decide: commitments, closing and result are statements, kept as the texts that
-- were signed. What hands out tickets and what closes the draw is the same row, so that no entry slips in behind the root.
create table draw (
  organization_id text not null,
  id text not null,
  sequence_id text not null,
  experience_id text not null,
  name text not null,
  open_at timestamptz,
  close_at timestamptz,
  draw_at timestamptz not null,
  -- When entries really open: open_at, or when the draw was made.
  opens_at timestamptz not null,
  earlier_draw_ats timestamptz[] not null default '{}',
  winner_count integer not null,
  capacity integer,
  admission_expiration_seconds integer not null,
  continue_selecting boolean not null,
  max_weight smallint not null,
  beacon_chain text,
  beacon_round bigint,
  beacon_at timestamptz,
  beacon_signature bytea,
  message text,
  -- Told to nobody before the result is published.
  seed bytea not null,
  -- Told to nobody at all: what the salts of references are made from.
  blinding_key bytea not null,
  next_ticket bigint not null default 1,
  excluded bigint not null default 0,
  closed_at timestamptz,
  root bytea,
  block_roots bytea,
  rooted_at timestamptz,
  -- The instant that the result will bear, written before it is computed: computed again after a crash, it is the same result.
  drawing_at timestamptz,
  drawn_at timestamptz,
  ranked bigint not null default 0,
  -- How far down the ranking grants were given.
  offered bigint not null default 0,
  cancelled_at timestamptz,
  archived boolean not null default false,
  created_at timestamptz not null,
  updated_at timestamptz,
  primary key (organization_id, id),
  foreign key (organization_id, sequence_id) references sequence (organization_id, id)
) with (fillfactor = 50);
create index draw_experience on draw (organization_id, experience_id);

create table draw_entry (
  draw_id text not null,
  organization_id text not null,
  ticket bigint not null,
  consumer_id uuid not null,
  ref bytea not null,
  weight smallint not null,
  -- 0 takes part; above it, why not (docs/draw-proof.md).
  class smallint not null default 0,
  entered_at timestamptz not null,
  ended_at timestamptz,
  primary key (draw_id, organization_id, ticket)
);
create unique index draw_entry_live on draw_entry (organization_id, consumer_id, draw_id) where class = 0;
create index draw_entry_past on draw_entry (organization_id, consumer_id, draw_id) where class <> 0;

-- Who entered in the same moment: one signature serves them all.
create table draw_batch (
  draw_id text not null,
  organization_id text not null,
  first_ticket bigint not null,
  size integer not null,
  received_at timestamptz not null,
  primary key (draw_id, organization_id, first_ticket)
);

create table draw_statement (
  draw_id text not null,
  organization_id text not null,
  kind text not null check (kind in ('commitment', 'closing', 'result')),
  number integer not null,
  text text not null,
  made_at timestamptz not null,
  primary key (draw_id, organization_id, kind, number)
);

-- Four bytes an entry each way: tickets by rank, and ranks (from 1; 0 = takes no part) by ticket. Stored as they are, so that a slice is read as one.
create table draw_ranking (
  draw_id text not null,
  organization_id text not null,
  tickets bytea not null,
  ranks bytea not null,
  primary key (draw_id, organization_id)
);
alter table draw_ranking alter column tickets set storage external, alter column ranks set storage external;

create index admission_grant_drawn on admission_grant (organization_id, consumer_id, distribution_id) where mechanism = 'draw';
