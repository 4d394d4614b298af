-- A session may be bound to a device key, known by its RFC 7638 thumbprint. A key belongs to one session for as long as that
-- session's row is kept: an ended session goes on standing in the way of its key, which is how a retired key is told.
alter table session add column key_thumbprint bytea;
create unique index session_key on session (organization_id, key_thumbprint) where key_thumbprint is not null;
