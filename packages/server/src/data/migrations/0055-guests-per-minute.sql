-- New guests of an organization a minute, on each node; null = as many as come.
alter table organization add column guests_per_minute integer check (guests_per_minute > 0);
