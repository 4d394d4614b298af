-- How many commitments there were when a batch came in, so that its receipt names the same rules whenever it is written. Null before this migration.
alter table draw_batch add column commitments integer;
