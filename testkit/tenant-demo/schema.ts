/** Tables of the demo. Without row level security on purpose: the handlers alone keep tenants apart. */
export const schema = `
create table projects (
  id uuid primary key default gen_random_uuid(), tenant text not null, code text not null, name text not null,
  status text not null default 'active', budget int, created_at timestamptz not null default now(),
  unique (tenant, code));
create table documents (
  id uuid primary key default gen_random_uuid(), tenant text not null,
  project_id uuid not null references projects on delete cascade,
  title text not null, body text not null default '', file_key uuid not null default gen_random_uuid());
create table payments (
  id uuid primary key default gen_random_uuid(), tenant text not null,
  project_id uuid not null references projects on delete cascade,
  amount int not null, note text not null, idem_key text);
create table exports (id uuid primary key default gen_random_uuid(), tenant text not null, label text not null);
create table webhooks (
  id uuid primary key default gen_random_uuid(), tenant text not null, url text not null, description text not null);
create table notes (id bigserial primary key, tenant text not null, kind text not null, title text not null, body text);
`

/** Rows of tenants that the simulator knows nothing of, and older rows of the two it does: all must stay as found. */
export const before = `
insert into projects (tenant, code, name) values
  ('umbra', 'U-1', 'Lantern'), ('acme', 'OLD-1', 'Older than the run'), ('zeta', 'OLD-1', 'Also older');
insert into documents (tenant, project_id, title)
  select tenant, id, 'minutes of ' || name from projects;
insert into notes (tenant, kind, title) values ('umbra', 'notes', 'do not touch');
`

/** Everything that was there before, as one text: equal before and after a run. */
export const fingerprint = `
select md5(string_agg(line, '|' order by line)) as mark from (
  select 'p' || id || tenant || code || name || status as line from projects
  union all select 'd' || id || tenant || project_id || title || body from documents
  union all select 'y' || id || tenant || note from payments
  union all select 'e' || id || tenant || label from exports
  union all select 'w' || id || tenant || url from webhooks
  union all select 'n' || id || tenant || kind || title from notes) as lines`
