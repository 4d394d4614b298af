-- Whether the browser said, among its signals, that a program drives it.
alter table session add column signals_driven boolean not null default false;

-- Few sessions have signals, and none for long after its end.
create index session_signals on session (least(idle_expires_at, revoked_at)) where signals_key is not null;
