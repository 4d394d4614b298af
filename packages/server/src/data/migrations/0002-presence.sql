-- How long the place of an absent waiter is kept.
alter table queue add column hold_seconds integer not null default 1800;

-- What each node heard lately of those near the front, so that whoever admits knows who is there. Rewritten once a second; losing it
-- costs one interval of knowledge, so it is not logged.
create unlogged table line_sighting (
  distribution_id text not null,
  organization_id text not null,
  node text not null,
  -- Rises with each write of a node: readers compare it, and no clocks.
  turn bigint not null,
  tickets bigint[] not null,
  poll_after integer[] not null,
  written_at timestamptz not null,
  primary key (distribution_id, organization_id, node)
) with (fillfactor = 50);
