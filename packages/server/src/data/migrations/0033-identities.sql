-- What people proved about themselves, and whose it is. A consumer may have several; each belongs to one consumer.
create table consumer_identity (
  organization_id text not null,
  kind text not null check (kind in ('email', 'phone', 'external')),
  value text not null,
  consumer_id uuid not null,
  proved_at timestamptz not null,
  primary key (organization_id, kind, value)
);
create index consumer_identity_consumer on consumer_identity (organization_id, consumer_id);

-- The ids of guests who turned out to be somebody known: what still bears such an id is that consumer's. A row with an end is one that an
-- operator took apart again; it stays for a while so that every node hears of it.
create table consumer_alias (
  organization_id text not null,
  alias_id uuid not null,
  consumer_id uuid not null,
  linked_at timestamptz not null,
  ended_at timestamptz,
  primary key (organization_id, alias_id)
);
create index consumer_alias_consumer on consumer_alias (organization_id, consumer_id);
create index consumer_alias_linked on consumer_alias (linked_at);
create index consumer_alias_ended on consumer_alias (ended_at) where ended_at is not null;

-- Every proof that changed something, with what became of it: the same proof by the same session gets the same answer, and an operator can
-- see it and take a merge apart.
create table consumer_link (
  organization_id text not null,
  id uuid not null,
  session_id uuid not null,
  identity_kind text not null,
  identity_value text not null,
  consumer_id uuid not null,
  from_consumer_id uuid,
  outcome jsonb not null,
  linked_at timestamptz not null,
  undone_at timestamptz,
  primary key (organization_id, id)
);
create index consumer_link_session on consumer_link (organization_id, session_id);
create index consumer_link_consumer on consumer_link (organization_id, consumer_id);

-- The guest whose session this was before it was somebody's.
alter table session add column guest_id uuid;

-- What happens when a guest proves what another consumer is known by.
alter table organization add column on_identity_conflict text not null default 'merge' check (on_identity_conflict in ('merge', 'reject'));
