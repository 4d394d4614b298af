-- The keys that sign presentations, of the service and not of an organization. A seed is sealed with the token secret: whoever reads the
-- database alone can sign nothing. A retired key keeps its row, so that a node with an old setting cannot bring it back.
create table signing_key (
  kid text primary key,
  sealed bytea,
  signs_from timestamptz not null,
  retires_at timestamptz,
  created_at timestamptz not null
);
