-- In how many queues and draws of an experience one person may take part at once; null = in all of them.
alter table experience add column max_entries_per_consumer integer check (max_entries_per_consumer > 0);
