import type { Fault } from '../release/index.ts'

type At = NonNullable<Fault['at']>

export function missingFile(path: string, from?: At): Fault {
  return {
    blame: 'user',
    reason: 'contract-missing',
    cause:
      from === undefined
        ? `There is no file ${path}.`
        : `${from.file} refers to ${path}, which does not exist.`,
    likely: 'The file was moved, or its path is relative to another folder.',
    next: 'Correct the path; paths in $ref count from the file that holds them.',
    at: from ?? { file: path },
  }
}

export function outside(path: string, from?: At): Fault {
  return {
    blame: 'user',
    reason: 'contract-reference-outside',
    cause: `${path} leaves the folder that contracts are read from.`,
    likely: 'A $ref or a link leads to a file of another folder.',
    next: 'Move the file below the folder of the contract, or give a folder that holds both.',
    ...(from === undefined ? {} : { at: from }),
  }
}

export function tooLarge(path: string, why: string): Fault {
  return {
    blame: 'user',
    reason: 'contract-too-large',
    cause: `${path} is not compared: ${why}.`,
    likely: 'The file is generated, or made to keep a gate busy.',
    next: 'Split the document, or leave examples out of it.',
    at: { file: path },
  }
}

export function unreadable(path: string, why: string, line?: number, column?: number): Fault {
  return {
    blame: 'user',
    reason: 'contract-unreadable',
    cause: `${path} is not one JSON or YAML document: ${why}`,
    likely: 'An indentation or a quote is wrong at that line.',
    next: 'Correct the file; any YAML or JSON parser shows the same place.',
    at: { file: path, ...(line === undefined ? {} : { line }), ...(column === undefined ? {} : { column }) },
  }
}

export function notOpenApi(path: string, found: string): Fault {
  return {
    blame: 'user',
    reason: 'contract-not-openapi',
    cause: `${path} is not an OpenAPI description: ${found}.`,
    likely: 'The path names another file, or a part of a description that others refer to.',
    next: 'Give the file that begins with `openapi:` and a version.',
    at: { file: path, line: 1 },
  }
}

export function wrongVersion(path: string, version: string, next: string): Fault {
  return {
    blame: 'user',
    reason: 'contract-version-unsupported',
    cause: `${path} is of version ${version}; 3.0, 3.1 and 3.2 are compared.`,
    next,
    at: { file: path, line: 1 },
  }
}

export function remoteReference(ref: string, from: At): Fault {
  return {
    blame: 'user',
    reason: 'contract-reference-remote',
    cause: `${from.file} refers to ${ref}, and nothing is fetched from the network.`,
    likely: 'What another server answers can change between two runs, so a verdict on it would not hold.',
    next: 'Keep a copy of the document in the repository and refer to that.',
    at: from,
  }
}

export function missingTarget(ref: string, from: At): Fault {
  return {
    blame: 'user',
    reason: 'contract-reference-missing',
    cause: `${from.file} refers to ${ref}, and there is nothing.`,
    likely: 'A component was renamed or removed, and not everything that refers to it.',
    next: 'Correct the $ref or bring the component back.',
    at: from,
  }
}

export function referenceCycle(ref: string, from: At): Fault {
  return {
    blame: 'user',
    reason: 'contract-reference-cycle',
    cause: `${from.file} refers to ${ref}, which leads back to itself.`,
    likely: 'Two components consist of nothing but a $ref to each other.',
    next: 'Let one of them hold the schema.',
    at: from,
  }
}
