-- A code by which a shop's backend tells a shopper's page who it has signed in. Only its hash lies here, for a minute.
create table external_code (
  organization_id text not null,
  code_hash bytea not null,
  identity_value text not null,
  claims jsonb not null,
  code_challenge text,
  expires_at timestamptz not null,
  used_at timestamptz,
  -- The device that used it: asking again, because the answer was lost, it gets the same.
  used_key bytea,
  primary key (organization_id, code_hash)
);
create index external_code_expires on external_code (expires_at);
