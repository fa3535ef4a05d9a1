/** Names under which Nest hands out what the controllers need. */
export const STORE = Symbol('store')
export const CACHE = Symbol('cache')
export const HEALTH = Symbol('health')
export const VERIFY = Symbol('verify')
