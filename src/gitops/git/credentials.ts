/**
 * The variables that let git reach `url` with a token over HTTP: only that server gets it, and it stands neither in
 * an argument, which every process of the machine can read, nor in a file. GitHub takes any user name with a token.
 */
export function tokenEnv(url: string, token: string): Readonly<Record<string, string>> {
  const { origin } = new URL(url)
  const basic = Buffer.from(`x-access-token:${token}`, 'utf8').toString('base64')
  return {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: `http.${origin}/.extraheader`,
    GIT_CONFIG_VALUE_0: `Authorization: Basic ${basic}`,
  }
}
