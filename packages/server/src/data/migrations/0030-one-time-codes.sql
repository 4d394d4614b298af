-- How an organization writes to its consumers, and what it is willing to pay for.
alter table organization add column language text check (language in ('en', 'de', 'fr', 'es'));
alter table organization add column phone_countries text[] not null default '{}';
alter table organization add column phone_messages_per_day integer not null default 500;
