-- The projector's view: how many deliveries of a tenant are in which status, by day of the last change.
create table delivery_summary (
  tenant_id  text   not null,
  day        date   not null,
  status     text   not null,
  deliveries bigint not null default 0,
  primary key (tenant_id, day, status)
);

-- Where each delivery is counted now. An event that comes late or twice changes nothing.
create table delivery_projection (
  tenant_id   text    not null,
  delivery_id uuid    not null,
  day         date    not null,
  status      text    not null,
  revision    integer not null,
  primary key (tenant_id, delivery_id)
);

alter table delivery_summary enable row level security;
alter table delivery_summary force row level security;
create policy delivery_summary_of_tenant on delivery_summary
  using (tenant_id = current_setting('app.tenant', true))
  with check (tenant_id = current_setting('app.tenant', true));

alter table delivery_projection enable row level security;
alter table delivery_projection force row level security;
create policy delivery_projection_of_tenant on delivery_projection
  using (tenant_id = current_setting('app.tenant', true))
  with check (tenant_id = current_setting('app.tenant', true));
