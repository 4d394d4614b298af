-- A place may go over to another consumer: a guest who turned out to be somebody. It stays in the line, so that its ticket is none of those
-- that a change takes out of it.
alter table distribution_change drop constraint distribution_change_kind_check;
alter table distribution_change add constraint distribution_change_kind_check
  check (kind in ('admitted', 'left', 'completed', 'expired', 'drawn', 'moved'));
alter table distribution_change add column moved_tickets bigint[] not null default '{}';

-- The id that an entry's reference and receipt were made for, where it is not whose the entry is now.
alter table draw_entry add column entered_as uuid;
