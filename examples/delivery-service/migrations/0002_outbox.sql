-- Events are written with the change they tell of, in one transaction, and published by the relay.
create table outbox (
  id             bigint      generated always as identity primary key,
  event_id       uuid        not null unique,
  tenant_id      text        not null,
  subject        text        not null,
  payload        jsonb       not null,
  correlation_id text        not null,
  created_at     timestamptz not null default now(),
  published_at   timestamptz
);

-- What is left to publish; stays small however many events there have been.
create index outbox_waiting on outbox (id) where published_at is null;
