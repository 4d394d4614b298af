-- What a protected launch remembers of who entered: keyed hashes of where they came from, what they were asked, and how it ended. No address.
alter table session add column signals_key bytea;

create table entry_check (
  organization_id text not null,
  distribution_id text not null,
  consumer_id uuid not null,
  experience_id text not null,
  id text not null,
  address_key bytea not null,
  network_key bytea not null,
  -- Network and signals in one, where there are signals.
  alike_key bytea,
  state text not null check (state in ('clear', 'worked', 'asked', 'passed', 'released', 'missed')),
  reasons text[] not null default '{}',
  created_at timestamptz not null,
  asked_at timestamptz,
  held_until timestamptz,
  answered_at timestamptz,
  primary key (organization_id, distribution_id, consumer_id)
);
create index entry_check_listed on entry_check (organization_id, created_at, id);
create index entry_check_consumer on entry_check (organization_id, consumer_id);
create index entry_check_asked on entry_check (organization_id, distribution_id) where state = 'asked';

-- How many entered an experience from one place: an address, a network, a network with the same signals.
create table entry_crowd (
  organization_id text not null,
  experience_id text not null,
  key bytea not null,
  entries integer not null,
  last_at timestamptz not null,
  primary key (organization_id, experience_id, key)
);
create index entry_crowd_last on entry_crowd (organization_id, last_at);

-- `asked`: out of the line while its holder has something to show. `back`: in it again, and still uncounted in the positions of those behind,
-- which must not rise.
alter table queue_entry add column aside text check (aside in ('asked', 'back'));
create index queue_entry_aside on queue_entry (queue_id, organization_id, ticket) where aside is not null;

alter table distribution_change drop constraint distribution_change_kind_check;
alter table distribution_change add constraint distribution_change_kind_check
  check (kind in ('admitted', 'left', 'completed', 'expired', 'drawn', 'moved', 'asked', 'returned'));
