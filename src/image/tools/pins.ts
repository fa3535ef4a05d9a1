export type ToolName = 'syft' | 'cosign'

/** One release file of a tool. Fetched by its checksum: a file that was exchanged is not run. */
export interface ToolPin {
  readonly name: ToolName
  readonly version: string
  readonly url: string
  readonly sha256: string
  /** `tar.gz`: the program lies in it under its name. */
  readonly form: 'program' | 'tar.gz'
}

const cosign = (arch: string, sha256: string): ToolPin => ({
  name: 'cosign',
  version: '2.6.5',
  url: `https://github.com/sigstore/cosign/releases/download/v2.6.5/cosign-linux-${arch}`,
  sha256,
  form: 'program',
})

/** By the machine as Node names it. */
const pins: Readonly<Record<ToolName, Readonly<Record<string, ToolPin>>>> = {
  cosign: {
    'linux/x64': cosign('amd64', 'c3b4f5410e608af03a5eb0aaac84a4313d8da131248e08ff1759ac70c79d1644'),
    'linux/arm64': cosign('arm64', '426193b4c5da4d4d643e822f48fe0cc8a476ca1782a272704831f5a0cef716d7'),
  },
  syft: {
    'linux/x64': {
      name: 'syft',
      version: '1.50.0',
      url: 'https://github.com/anchore/syft/releases/download/v1.50.0/syft_1.50.0_linux_amd64.tar.gz',
      sha256: 'bf7b29ff57f06da30918266a0e1c2885a8f99784798d1bdb1628886aa015d788',
      form: 'tar.gz',
    },
  },
}

export function pinFor(name: ToolName, machine: string): ToolPin | undefined {
  return pins[name][machine]
}
