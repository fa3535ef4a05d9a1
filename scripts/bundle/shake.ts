import type { OnResolveArgs, Plugin } from 'esbuild'

const passed = Symbol('passed')

/**
 * @actions/core does not say that its modules have no effects of their own, so a bundler keeps its OIDC client
 * and the HTTP library behind it although nobody calls them. They have none; what is not used is left out.
 */
export const shakeToolkit: Plugin = {
  name: 'shake-toolkit',
  setup(build) {
    build.onResolve({ filter: /.*/ }, async (args) => {
      if (args.pluginData === passed || !ofToolkit(args)) return undefined
      const { resolveDir, kind, importer } = args
      const found = await build.resolve(args.path, { resolveDir, kind, importer, pluginData: passed })
      return found.errors.length > 0 ? { errors: found.errors } : { ...found, sideEffects: false }
    })
  },
}

function ofToolkit({ path, importer }: OnResolveArgs): boolean {
  return path.startsWith('@actions/') || /[\\/]node_modules[\\/]@actions[\\/]/.test(importer)
}
