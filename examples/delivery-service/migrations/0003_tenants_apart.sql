-- A statement that forgets its tenant finds nothing: the policies hold for the owner of the tables as well.
-- The setting is made per transaction, which PgBouncer in transaction mode keeps apart.
alter table deliveries enable row level security;
alter table deliveries force row level security;
create policy deliveries_of_tenant on deliveries
  using (tenant_id = current_setting('app.tenant', true))
  with check (tenant_id = current_setting('app.tenant', true));
