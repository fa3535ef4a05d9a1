-- Deliveries of all tenants. `revision` lets a client change only what it has seen.
create table deliveries (
  id          uuid        not null default gen_random_uuid() primary key,
  tenant_id   text        not null,
  reference   text        not null,
  status      text        not null default 'planned',
  window_from timestamptz not null,
  window_to   timestamptz not null,
  revision    integer     not null default 1,
  created_at  timestamptz not null default now(),
  updated_at  timestamptz not null default now(),
  constraint deliveries_reference_once unique (tenant_id, reference),
  constraint deliveries_window_forward check (window_from < window_to)
);

-- The order in which the API lists.
create index deliveries_by_tenant on deliveries (tenant_id, id);
