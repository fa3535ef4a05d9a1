/** Lower case, without what vendors put around the name. */
export function normalName(tool: string): string {
  return tool
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
}
