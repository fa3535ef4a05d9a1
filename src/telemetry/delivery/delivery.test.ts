import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Postgres, postgresMissing, startPostgres } from '../../../testkit/postgres/index.ts'
import { type DeliveryFigures, deliveryFigures, deliveryMarkdown, trainsOf } from './index.ts'
import { type History, history, order } from './testing/history.ts'

const period = { from: new Date('2025-02-01T00:00:00Z'), to: new Date('2026-02-01T00:00:00Z') }
const figuresOf = ({ events, commits }: History) => deliveryFigures('shop', trainsOf(events), period, commits)

describe.skipIf(postgresMissing(16) !== undefined)('the figures of a ledger of 200 trains', () => {
  let server: Postgres
  beforeAll(async () => {
    server = await startPostgres({ major: 16 })
  })
  afterAll(() => server.stop())

  test.each([1, 2, 3, 4, 5])('are those that SQL finds in the same log, seed %i', async (seed) => {
    const past = history(seed, 200)
    const figures = figuresOf(past)
    expect(figures.trains).toBeGreaterThan(50)
    expect(figures.changeFailure.count).toBeGreaterThan(5)
    expect(figures.recovery?.count).toBeGreaterThan(5)
    expect(await bySql(await server.database(), past)).toEqual(figures)
  })
})

test('nothing is divided by no trains', () => {
  const figures = figuresOf({ events: [], commits: new Map() })
  expect(figures).toMatchObject({
    trains: 0,
    frequency: { trains: 0, regions: 0, trainsPerWeek: 0 },
    changeFailure: { count: 0, of: 0 },
    regions: {},
  })
  expect(figures).not.toHaveProperty('leadTime')
  expect(deliveryMarkdown(figures)).toContain('| change fail rate | no train |')
})

test('a table tells them', () => {
  expect(deliveryMarkdown(figuresOf(history(7, 40)))).toMatchInlineSnapshot(`
    "**shop**, 2025-02-01 to 2026-02-01

    | figure | value |
    |---|---|
    | deployment frequency | 0.5 trains a week (27 trains, 99 regions) |
    | change lead time, first region | median 1d 19h, nine of ten within 3d 10h (127 commits) |
    | change lead time, last region | median 3d 6h, nine of ten within 5d 2h (105 commits) |
    | failed deployment recovery time | median 1d 2h, nine of ten within 2d 13h (11 failures) |
    | change fail rate | 41.4 % (12 of 29) |
    | deployment rework rate | 20.7 % (6 of 29) |

    | region | verified | affected by failures |
    |---|---|---|
    | us | 27 | 11 |
    | eu | 26 | 9 |
    | me | 24 | 9 |
    | ap | 22 | 7 |"
  `)
})

/** The same figures, written a second time as sets: no state is carried from event to event here. */
async function bySql(url: string, { events, commits }: History): Promise<DeliveryFigures> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    await client.query(
      'create table e (n int primary key, at bigint, type text, release text, region text, kind text, j jsonb)',
    )
    await client.query(
      `insert into e select n, (extract(epoch from (j->>'at')::timestamptz) * 1000)::bigint, j->>'type', j->>'release', j->>'region', j->>'kind', j
       from jsonb_array_elements($1::jsonb) with ordinality as x(j, n)`,
      [JSON.stringify(events)],
    )
    await client.query('create table c (release text, at bigint)')
    await client.query(
      `insert into c select r, t from jsonb_to_recordset($1::jsonb) as x(r text, t bigint)`,
      [JSON.stringify([...commits].flatMap(([r, times]) => times.map((t) => ({ r, t: t.getTime() }))))],
    )
    const { rows } = await client.query(sql, [period.from.getTime(), period.to.getTime(), order.length])
    const row = rows[0]
    const of = row.trains
    return {
      version: 1,
      service: 'shop',
      from: period.from.toISOString(),
      to: period.to.toISOString(),
      trains: of,
      frequency: {
        trains: row.shipped,
        regions: row.region_deploys,
        trainsPerWeek: row.shipped / ((period.to.getTime() - period.from.getTime()) / (7 * 86_400_000)),
      },
      leadTime: { firstRegion: row.lead_first, lastRegion: row.lead_last },
      recovery: row.recovery,
      changeFailure: { count: row.failed, of, share: row.failed / of },
      rework: { count: row.hotfixes, of, share: row.hotfixes / of },
      regions: row.regions,
    }
  } finally {
    await client.end()
  }
}

const spread = (of: string, from: string) =>
  `(select jsonb_build_object('count', count(*), 'medianMs', floor(percentile_cont(0.5) within group (order by ${of})), 'p90Ms', floor(percentile_cont(0.9) within group (order by ${of}))) from ${from})`

const sql = `
with all_trains as (
  select release, min(at) as started_at, min(n) as started_n from e where type = 'started' group by release
),
kinds as (select release, kind, at as staged_at from e where type = 'staged'),
-- What a region had been pinned to when a pin back began.
back as (
  select r.n, r.at, r.region, p.release
  from e r
  join lateral (
    select release, n from e where type = 'pinned' and region = r.region and n < r.n order by n desc limit 1
  ) p on true
  where r.type = 'rollback-started'
    and not exists (select 1 from e x where x.type in ('rolled-back', 'adopted') and x.region = r.region and x.n between p.n and r.n)
),
own as (
  select n, at, release, region from e where type = 'canary-failed'
  union all
  select h.n, h.at, h.release, x.region from e h left join lateral jsonb_array_elements_text(h.j->'regions') x(region) on true where h.type = 'halted'
  union all
  select n, at, release, null from e where type = 'migration-failed'
  union all
  select n, at, release, region from back
),
-- The normal train before a hotfix, when nothing had gone wrong with it before the hotfix began.
mended as (
  select t.started_n as n, k.staged_at as at, b.release, t.release as by
  from all_trains t
  join kinds k on k.release = t.release and k.kind = 'hotfix'
  join lateral (
    select a.release from all_trains a join kinds ak on ak.release = a.release and ak.kind = 'normal'
    where a.started_n < t.started_n order by a.started_n desc limit 1
  ) b on true
  where not exists (select 1 from own o where o.release = b.release and o.n < t.started_n)
    and not exists (
      select 1 from all_trains t2 join kinds k2 on k2.release = t2.release and k2.kind = 'hotfix'
      where t2.started_n < t.started_n and t2.started_n > (select started_n from all_trains where release = b.release)
    )
),
failing as (
  select n, at, release, region from own
  union all
  select m.n, m.at, m.release, p.region
  from mended m
  left join lateral (
    select distinct on (region) region, release, n from e where type = 'pinned' and n < m.n order by region, n desc
  ) p on p.release = m.release
    and not exists (select 1 from e x where x.type in ('rolled-back', 'adopted') and x.region = p.region and x.n between p.n and m.n)
),
failures as (select release, min(at) as at from failing group by release),
affected as (select release, region, min(n) as n from failing where region is not null group by release, region),
good as (
  select a.release, a.region,
    (select g.at from e g
      where g.region = a.region and g.n > a.n
        and (g.type in ('rolled-back', 'adopted') or (g.type = 'live' and g.release <> a.release))
      order by g.n limit 1) as at
  from affected a
),
recovered as (
  select release, case when bool_and(at is not null) then max(at) end as at from good group by release
),
trains as (
  select t.*, k.kind, f.at as failed_at, r.at as recovered_at,
    (select count(distinct region) from e where type = 'verified' and release = t.release) as verified
  from all_trains t
  join kinds k using (release)
  left join failures f using (release)
  left join recovered r using (release)
  where t.started_at >= $1::bigint and t.started_at < $2::bigint
),
live as (select release, min(at) as first, max(at) as last from (select release, region, min(at) as at from e where type = 'live' group by 1, 2) x group by release),
region_names as (
  select region from e v join trains t using (release) where v.type = 'verified'
  union select a.region from affected a join trains using (release)
)
select
  (select count(*)::int from trains) as trains,
  (select count(*)::int from trains where verified > 0) as shipped,
  (select coalesce(sum(verified), 0)::int from trains) as region_deploys,
  ${spread('l.first - c.at', 'trains join live l using (release) join c using (release)')} as lead_first,
  ${spread('l.last - c.at', 'trains t join live l using (release) join c using (release) where t.verified = $3::int')} as lead_last,
  ${spread('recovered_at - failed_at', 'trains where recovered_at is not null')} as recovery,
  (select count(*)::int from trains where failed_at is not null) as failed,
  (select count(*)::int from trains where kind = 'hotfix') as hotfixes,
  (select jsonb_object_agg(region, jsonb_build_object(
    'deployed', (select count(distinct release) from e join trains using (release) where type = 'verified' and e.region = r.region),
    'affected', (select count(*) from affected a join trains using (release) where a.region = r.region)))
   from region_names r) as regions`
