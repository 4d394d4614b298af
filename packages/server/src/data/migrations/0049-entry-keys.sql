-- Which device redeems what a consumer gets. Null = by the level of protection: `device` from `enhanced` up.
alter table experience add column entry_binding text check (entry_binding in ('device', 'consumer'));

-- The key of the device that entered, where the experience binds places to devices.
create table entry_key (
  organization_id text not null,
  distribution_id text not null,
  consumer_id uuid not null,
  experience_id text not null,
  key_thumbprint bytea not null,
  created_at timestamptz not null,
  primary key (organization_id, distribution_id, consumer_id)
);
create index entry_key_consumer on entry_key (organization_id, consumer_id);
create index entry_key_created on entry_key (organization_id, created_at);
