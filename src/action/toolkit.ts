/**
 * The few functions of @actions/core that a run needs. The build shakes off the rest: the OIDC client alone
 * pulls in a whole HTTP library and costs a third of the start of an action.
 */
export {
  debug,
  endGroup,
  error,
  info,
  notice,
  saveState,
  setOutput,
  setSecret,
  startGroup,
  summary,
  warning,
} from '@actions/core'
