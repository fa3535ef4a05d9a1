/** Who is told what a train does, from the ledger; never a reason for a train to wait or to fail. */
export { type TeamTelling, tellTeam } from './team.ts'
