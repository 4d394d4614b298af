-- How many commitments a draw has made: whoever makes a further one names the number that they saw, so that of two at once one is refused.
alter table draw add column commitments integer not null default 1;
update draw set commitments = (select count(*) from draw_statement s where s.draw_id = draw.id and s.organization_id = draw.organization_id and s.kind = 'commitment');

-- The version of the counters at which nothing was left to give on, and when nothing more could ever come of a published draw. The job looks at the others only.
alter table draw add column looked_version bigint;
alter table draw add column settled_at timestamptz;
create index draw_undecided on draw (draw_at) where drawn_at is null and cancelled_at is null and not archived;
create index draw_unsettled on draw (drawn_at) where drawn_at is not null and settled_at is null;

-- Wins that were given on are told in public too.
alter table draw_statement drop constraint draw_statement_kind_check;
alter table draw_statement add constraint draw_statement_kind_check check (kind in ('commitment', 'closing', 'result', 'continuation'));

-- When an organization's time of keeping is over, the list stays as it was published, 35 bytes a ticket, and who stood behind it goes.
alter table draw add column folded_at timestamptz;
create index draw_unfolded on draw (organization_id, (coalesce(settled_at, cancelled_at))) where folded_at is null;
create table draw_list (
  draw_id text not null,
  organization_id text not null,
  first_ticket bigint not null,
  entries bytea not null,
  primary key (draw_id, organization_id, first_ticket)
);
alter table draw_list alter column entries set storage external;
