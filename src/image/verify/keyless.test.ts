import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { initializeCA, initializeCTLog, initializeTLog } from '@sigstore/mock'
import { beforeAll, expect, test } from 'vitest'
import { digestOf } from '../digest.ts'
import { signatureStatement } from '../evidence/statement.ts'
import { bundleOf, preAuthentication } from '../testing/signed.ts'
import type { Trust } from './bundle.ts'
import { checkBundle } from './sigstore.heavy.ts'
import { signedBy } from './verify.ts'

const workflow = 'https://github.com/acme/api/.github/workflows/build.yml@refs/heads/main'
const issuer = 'https://token.actions.githubusercontent.com'
const statement = signatureStatement({ repository: 'ghcr.io/acme/api', digest: digestOf('image') })

const pair = (namedCurve = 'P-256') => generateKeyPairSync('ec', { namedCurve })
const der = (key: KeyObject) => key.export({ type: 'spki', format: 'der' })
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()

/** A Sigstore of its own: certificate authority, log of certificates and log of signatures, as sigstore-js tests itself. */
async function sigstore() {
  const [caKeys, ctKeys, logKeys] = [pair('P-384'), pair(), pair()]
  const ctLog = await initializeCTLog(ctKeys)
  const ca = await initializeCA(caKeys, ctLog)
  const log = await initializeTLog('https://rekor.example.com', logKeys)
  const since = { start: '2020-01-01T00:00:00Z' }
  const instance = (publicKey: KeyObject) => ({
    baseUrl: 'https://rekor.example.com',
    hashAlgorithm: 'SHA2_256',
    publicKey: {
      rawBytes: der(publicKey).toString('base64'),
      keyDetails: 'PKIX_ECDSA_P256_SHA_256',
      validFor: since,
    },
    logId: { keyId: sha256(der(publicKey)).toString('base64') },
  })
  const root = {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    certificateAuthorities: [
      {
        subject: { organization: 'sigstore.mock', commonName: 'sigstore' },
        uri: 'https://fulcio.example.com',
        certChain: { certificates: [{ rawBytes: base64(ca.rootCertificate) }] },
        validFor: since,
      },
    ],
    ctlogs: [instance(ctKeys.publicKey)],
    tlogs: [instance(logKeys.publicKey)],
    timestampAuthorities: [],
  }

  /** What `cosign attest-blob` leaves after a keyless signature. */
  async function signed(identity: string, options: { readonly logged?: boolean } = {}) {
    const keys = pair()
    const certificate = await ca.issueCertificate({
      publicKey: der(keys.publicKey) as never,
      subjectAltName: identity,
      extensions: [
        { oid: '1.3.6.1.4.1.57264.1.1', value: issuer, legacy: true },
        { oid: '1.3.6.1.4.1.57264.1.8', value: issuer },
      ],
    })
    const payload = Buffer.from(JSON.stringify(statement))
    const signature = sign('sha256', preAuthentication(payload), keys.privateKey)
    const pem = `-----BEGIN CERTIFICATE-----\n${base64(certificate)}\n-----END CERTIFICATE-----\n`
    const verifier = Buffer.from(pem).toString('base64')
    const entries = await log.log({
      apiVersion: '0.0.1',
      kind: 'dsse',
      spec: {
        payloadHash: { algorithm: 'sha256', value: sha256(payload).toString('hex') },
        envelopeHash: { algorithm: 'sha256', value: sha256(payload).toString('hex') },
        signatures: [{ signature: signature.toString('base64'), verifier }],
      },
    })
    const tlogEntries = options.logged === false ? [] : Object.values(entries).map(asEntry)
    const bundle = bundleOf(payload, signature, {
      certificate: { rawBytes: base64(certificate) },
      tlogEntries,
    })
    return JSON.parse(Buffer.from(bundle).toString()) as unknown
  }
  const trust: Trust = { kind: 'keyless', root, issuer }
  return { trust, signed }
}

/** From the answer of Rekor's API to the form of a bundle. */
// biome-ignore lint/suspicious/noExplicitAny: the types of the answer stand in a package that is not installed
function asEntry(entry: any) {
  const { inclusionProof, signedEntryTimestamp } = entry.verification
  const bytes = (hex: string) => Buffer.from(hex, 'hex').toString('base64')
  return {
    logIndex: String(entry.logIndex),
    logId: { keyId: bytes(entry.logID) },
    kindVersion: { kind: 'dsse', version: '0.0.1' },
    integratedTime: String(entry.integratedTime),
    inclusionPromise: { signedEntryTimestamp },
    inclusionProof: {
      logIndex: String(inclusionProof.logIndex),
      rootHash: bytes(inclusionProof.rootHash),
      treeSize: String(inclusionProof.treeSize),
      hashes: inclusionProof.hashes.map(bytes),
      checkpoint: { envelope: inclusionProof.checkpoint },
    },
    canonicalizedBody: entry.body,
  }
}

function base64(bytes: ArrayBufferView): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

let ours: Awaited<ReturnType<typeof sigstore>>
beforeAll(async () => {
  ours = await sigstore()
})

test('the certificate names the workflow and who vouches for it', async () => {
  expect(checkBundle(await ours.signed(workflow), ours.trust)).toEqual({
    ok: true,
    statement,
    workflow,
    issuer,
  })
  const fork = workflow.replace('acme', 'evil')
  expect(checkBundle(await ours.signed(fork), ours.trust)).toMatchObject({ ok: true, workflow: fork })
})

test.each<[string, () => Promise<unknown>, RegExp]>([
  ['of another Sigstore', async () => (await sigstore()).signed(workflow), /certificate chain/],
  ['that is in no log', () => ours.signed(workflow, { logged: false }), /timestamps/],
  ['of which the log holds another one', async () => swapped(), /signature mismatch/],
])('a signature %s does not hold', async (_, make, why) => {
  const checked = checkBundle(await make(), ours.trust)
  expect(checked).toMatchObject({ ok: false, why: expect.stringMatching(why) })
})

async function swapped(): Promise<unknown> {
  const [one, two] = [await ours.signed(workflow), await ours.signed(workflow)] as [
    Record<string, Record<string, unknown>>,
    Record<string, Record<string, unknown>>,
  ]
  const tlogEntries = two.verificationMaterial?.tlogEntries
  return { ...one, verificationMaterial: { ...one.verificationMaterial, tlogEntries } }
}

test.each([
  ['our workflow', workflow, issuer, true],
  ['another branch', workflow.replace('main', 'dev'), issuer, false],
  ['another repository', workflow.replace('acme', 'evil'), issuer, false],
  ['a workflow whose name begins as ours', `${workflow}2`, issuer, false],
  ['our name from another issuer', workflow, 'https://issuer.evil.example', false],
  ['nobody', undefined, undefined, false],
])('a claim of %s', (_, name, by, counts) => {
  const claim = {
    type: statement.predicateType,
    predicate: {},
    ...(name && { workflow: name }),
    ...(by && { issuer: by }),
  }
  expect(signedBy(claim, ours.trust, workflow)).toBe(counts)
})
