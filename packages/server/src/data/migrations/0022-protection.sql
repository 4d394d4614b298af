-- How much an experience asks of those who enter.
alter table experience add column protection_level text not null default 'standard' check (protection_level in ('standard', 'enhanced', 'maximum'));
