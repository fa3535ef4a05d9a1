-- Expand: the next version writes it, this one does not know it. A constant default rewrites no row.
alter table deliveries add column priority smallint not null default 0;
