-- What came together goes once nothing needs it any more; looked for by age, one organization at a time.
create index consumer_link_age on consumer_link (organization_id, linked_at);
create index consumer_alias_age on consumer_alias (organization_id, linked_at);
