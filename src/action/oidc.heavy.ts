export { getIDToken } from '@actions/core'
