-- How many commitments there were when a batch came in, so that its receipt names the same rules whenever it is written. Null before this migration.
alter table draw_batch add column commitments integer;

-- Draws without a win whose entries are forgotten by now: luck balancing goes on counting them, for as long as there is a consumer.
alter table consumer add column lost_draws integer not null default 0;
