-- What the shop says it can still sell. On the counters row: the admitting statement asks for it, and a sale takes one off.
alter table distribution_counters add column stock integer check (stock >= 0);

-- Whether the queue lets everybody in as they come, whatever its rate says.
alter table queue add column pass_through boolean not null default false;
