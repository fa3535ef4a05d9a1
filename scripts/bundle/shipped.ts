/** What may stand where in the shipped files. The one place for these decisions. */

/**
 * Packages that cost bytes or start time out of proportion. Only a module named `*.heavy.ts` imports them by value,
 * and such a module is itself reached by `import()` only, so that a run pays for what it uses.
 */
export const heavyPackages: readonly string[] = [
  '@actions/github',
  '@actions/http-client',
  '@actions/tool-cache',
  '@kubernetes/client-node',
  '@sigstore/bundle',
  '@sigstore/protobuf-specs',
  '@sigstore/verify',
  'libpg-query',
  'libpg-query-16',
  'libpg-query-17',
  'pg',
  'undici',
]

/** The entry of an action reads inputs and tells the outcome; everything else is loaded after the inputs are good. */
export const entryPackages: readonly string[] = ['@actions/core']

/** Optional parts of packages that are not installed and not used. */
export const absentPackages: readonly string[] = ['pg-native']

/** Files that a package reads at run time from its own folder: copied beside the shared chunks. */
export const assets: readonly { readonly from: string; readonly to: string }[] = [
  { from: 'libpg-query-16/wasm/libpg-query.wasm', to: 'libpg-query-16.wasm' },
  { from: 'libpg-query-17/wasm/libpg-query.wasm', to: 'libpg-query-17.wasm' },
  { from: 'libpg-query/wasm/libpg-query.wasm', to: 'libpg-query-18.wasm' },
]

export const limits = {
  entryBytes: 1_000_000,
  shippedBytes: 16_000_000,
} as const

/** The command line, in one file that needs nothing beside it. */
export const cliFile = 'cli.mjs'

/** Folder under actions/ that all bundles load from. */
export const sharedFolder = 'shared'
