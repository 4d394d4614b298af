-- How often a shopper may ask for more time, and how much, is the queue's; how often they have, the grant's.
alter table queue
  add column grant_extensions integer not null default 0,
  add column grant_extension_seconds integer not null default 300;
alter table admission_grant add column extensions_used integer not null default 0;
