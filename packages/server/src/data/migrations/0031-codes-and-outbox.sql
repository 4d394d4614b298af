-- What is counted of an address that codes are sent to, over everybody who asks. Addresses are keyed hashes: the table says nothing about
-- anybody, and forgets it after a day.
create table otp_address (
  organization_id text not null,
  address bytea not null,
  began_at timestamptz not null,
  tries integer not null,
  sends integer not null,
  primary key (organization_id, address)
);
create index otp_address_began on otp_address (began_at);

-- The one code that one key may use for one address; asking again replaces it. `sealed` holds what was said with the request.
create table otp_challenge (
  organization_id text not null,
  address bytea not null,
  asker bytea not null,
  id uuid not null,
  code_hash bytea not null,
  sealed bytea,
  tries_left integer not null,
  honoured_until integer not null,
  failures integer not null,
  failures_began_at timestamptz not null,
  sends integer not null,
  sends_began_at timestamptz not null,
  issued_at timestamptz not null,
  expires_at timestamptz not null,
  consumed_at timestamptz,
  -- What the code opened, for whoever lost the answer.
  session_id uuid,
  linked jsonb,
  primary key (organization_id, address, asker)
);
create index otp_challenge_expires on otp_challenge (expires_at);

-- Text messages that an organization sent on a day (UTC).
create table phone_spend (
  organization_id text not null,
  day date not null,
  sent integer not null,
  primary key (organization_id, day)
);

-- Messages to be delivered, written with what they tell of. The content is sealed with the token secret, and goes when it is delivered or
-- too late; what could not be delivered stays as a row without content.
create table outbox_message (
  organization_id text not null,
  id uuid not null,
  channel text not null check (channel in ('email', 'phone')),
  sealed bytea,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  -- Who takes a message moves this on to the end of their lease; who fails, to the next attempt.
  due_at timestamptz not null,
  attempts integer not null default 0,
  dead_reason text,
  primary key (organization_id, id)
);
create index outbox_message_due on outbox_message (due_at) where dead_reason is null;
create index outbox_message_dead on outbox_message (created_at) where dead_reason is not null;

-- What would have been sent, in development.
create table inbox_message (
  organization_id text not null,
  id uuid not null,
  received_at timestamptz not null,
  sealed bytea not null,
  primary key (organization_id, id)
);
create index inbox_message_received on inbox_message (received_at);
