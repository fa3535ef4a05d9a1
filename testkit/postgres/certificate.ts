/** Certificates for test servers, of any validity: no program has to be there for it. X.509 v3 in DER (RFC 5280). */
import { generateKeyPairSync, sign } from 'node:crypto'

export interface Certificate {
  readonly key: string
  readonly certificate: string
}

/** Signed by itself, for a name of DNS; valid from and to the times given. */
export function selfSigned(name: string, from: Date, to: Date): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const issuer = sequence(set(sequence(oid('2.5.4.3'), tagged(0x0c, Buffer.from(name)))))
  const ecdsaSha256 = sequence(oid('1.2.840.10045.4.3.2'))
  const names = sequence(tagged(0x82, Buffer.from(name)))
  const extension = (id: string, value: Buffer) => sequence(oid(id), tagged(0x04, value))
  const authority = tagged(0x01, Buffer.from([0xff]))
  const body = sequence(
    tagged(0xa0, integer(2)),
    integer(1),
    ecdsaSha256,
    issuer,
    sequence(time(from), time(to)),
    issuer,
    spki,
    tagged(0xa3, sequence(extension('2.5.29.17', names), extension('2.5.29.19', sequence(authority)))),
  )
  const signature = sign('sha256', body, privateKey)
  const der = sequence(body, ecdsaSha256, tagged(0x03, Buffer.concat([Buffer.from([0]), signature])))
  return {
    key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    certificate: `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
  }
}

function tagged(tag: number, value: Buffer): Buffer {
  const size = value.length
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff]
  return Buffer.concat([Buffer.from([tag, ...length]), value])
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts))
}

function set(...parts: readonly Buffer[]): Buffer {
  return tagged(0x31, Buffer.concat(parts))
}

function integer(value: number): Buffer {
  return tagged(0x02, Buffer.from([value]))
}

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number)
  const bytes = rest.flatMap((part) => {
    const groups = [part & 0x7f]
    for (let left = part >> 7; left > 0; left >>= 7) groups.unshift((left & 0x7f) | 0x80)
    return groups
  })
  return tagged(0x06, Buffer.from([40 * first + second, ...bytes]))
}

/** UTCTime: two digits of the year, good from 1950 to 2049. */
function time(at: Date): Buffer {
  const digits = at.toISOString().replaceAll(/[-:T]/g, '').slice(2, 14)
  return tagged(0x17, Buffer.from(`${digits}Z`))
}
