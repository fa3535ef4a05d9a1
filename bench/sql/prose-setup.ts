/** Some files describe the setup of a type change in words: the id says from which type, and in which time zone. */
export function setupOf(one: { readonly id: string; readonly setup_sql?: string | null }): string {
  const setup = one.setup_sql ?? ''
  const change = /^type: (.+?) -> /.exec(one.id)
  if (change === null || !/^table \w+\(/.test(setup)) return setup
  const table = /^table (\w+)/.exec(setup)?.[1] ?? 'tc'
  const from = change[1] ?? 'text'
  const zone = /\b(UTC|[A-Z]\w+\/\w+)\b/.exec(one.id)?.[1]
  const sortable = !/^(json|xml|point|box|circle|polygon|path|line|lseg)\b/.test(from)
  return [
    `set timezone = '${zone ?? 'UTC'}'`,
    `create table ${table} (id int, x ${from})`,
    `insert into ${table} (id) select n from generate_series(1, 3000) n`,
    ...(sortable ? [`create index ${table}_x on ${table} (x)`] : []),
  ].join('; ')
}
