import { inject } from 'vitest'
import { attachRig } from '../../rig/index.ts'
import { describeRegistryContract } from './registry-contract.ts'

const rig = attachRig(inject('rig'))

// The rig's registry (go-containerregistry) keeps tags that are full commit ids where they are.
describeRegistryContract('go-containerregistry', () => ({
  url: `http://${rig.registryHost}`,
  immutableTag: '0123456789abcdef0123456789abcdef01234567',
}))
