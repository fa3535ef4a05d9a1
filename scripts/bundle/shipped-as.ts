import type { BuildOptions } from 'esbuild'
import { target } from './entries.ts'
import { shakeToolkit } from './shake.ts'
import { absentPackages } from './shipped.ts'

/** CommonJS packages call `require` for parts of Node itself. */
export const requireBanner =
  "import{createRequire as tuesdayRequire}from'node:module';const require=tuesdayRequire(import.meta.url);"

/** How everything that is not packed by ncc is written. */
export const shippedAs = {
  // Names of chunks and modules follow from paths: a linked node_modules must not show as another place.
  preserveSymlinks: true,
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'node',
  target,
  charset: 'utf8',
  legalComments: 'none',
  external: [...absentPackages],
  metafile: true,
  logLevel: 'error',
  plugins: [shakeToolkit],
} as const satisfies BuildOptions
