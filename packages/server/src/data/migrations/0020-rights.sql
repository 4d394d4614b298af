-- What ended is forgotten after as many days as its organization says.
alter table organization add column retention_days integer not null default 30;
create index session_ended on session (organization_id, idle_expires_at);
drop index session_idle;
create index queue_entry_ended on queue_entry (organization_id, ended_at) where ended_at is not null;
create index admission_grant_ended on admission_grant (organization_id, expires_at) where state not in ('active', 'held');
create index experience_visit_at on experience_visit (organization_id, visited_at);

-- An operator may take a grant back. It is not the same as one that ran out: the shop must be told which.
alter table admission_grant drop constraint admission_grant_state_check;
alter table admission_grant add constraint admission_grant_state_check check (state in ('active', 'held', 'completed', 'expired', 'revoked'));
-- The session that asked for the newest presentation: ending it voids what it presented.
alter table admission_grant add column presentation_session uuid;
alter table queue_entry add column deny_reason text;
