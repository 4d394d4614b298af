-- Early arrivals of a queue may be put in an order that nobody chose: a secret seed whose hash is public, and, from the opening on, how
-- many tickets take part. Both stand beside the counter that hands out tickets, so that no ticket slips between.
alter table queue
  add column ordering text not null default 'fifo' check (ordering in ('fifo', 'shuffle_early')),
  add column order_seed bytea,
  add column early_tickets bigint;

-- The opening is a change that nodes follow: positions exist from its version on.
alter table distribution_change drop constraint distribution_change_kind_check;
alter table distribution_change add constraint distribution_change_kind_check check (kind in ('admitted', 'left', 'completed', 'expired', 'drawn'));
