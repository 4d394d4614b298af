-- Who may take part: the rule of a whole experience, and that of each way into it.
alter table experience add column authentication text not null default 'guest' check (authentication in ('guest', 'identified', 'email'));
alter table experience add column email_domains text[];
alter table experience add constraint experience_email_domains check ((authentication = 'email') = (email_domains is not null));
alter table sequence add column authentication text not null default 'guest' check (authentication in ('guest', 'identified', 'email'));
alter table sequence add column email_domains text[];
alter table sequence add constraint sequence_email_domains check ((authentication = 'email') = (email_domains is not null));
