-- What stands between a closed draw and its beacon's round, for its operator to read on any node.
alter table draw add column beacon_asked_at timestamptz;
alter table draw add column beacon_trouble text check (beacon_trouble in ('not_configured', 'unreachable', 'not_published', 'not_genuine'));
