const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })
const answer = (schema: object, type = 'application/json') => ({
  description: 'Done.',
  content: { [type]: { schema } },
})
const none = { description: 'Nothing to say.' }
const fails = { '401': none, '404': none, default: none }
const body = (name: string) => ({ required: true, content: { 'application/json': { schema: ref(name) } } })
const inPath = (name: string, schema: object = { type: 'string', format: 'uuid' }) => ({
  name,
  in: 'path',
  required: true,
  schema,
})
const inQuery = (name: string, schema: object, more: object = {}) => ({ name, in: 'query', schema, ...more })
const uuid = { type: 'string', format: 'uuid' }
const list = (name: string) => ({
  type: 'object',
  properties: { items: { type: 'array', items: ref(name) } },
})

function get(operationId: string, schema: object, more: object = {}): object {
  return { operationId, ...more, responses: { '200': answer(schema), ...fails } }
}

function plain(kind: string, parameter: string, name: string): Record<string, object> {
  const id = { type: 'integer', minimum: 1 }
  const take = { ...body('NewPlain') }
  return {
    [`/${kind}`]: {
      get: get(`list${name}s`, { type: 'array', items: ref('Plain') }),
      post: {
        operationId: `create${name}`,
        requestBody: take,
        responses: { '201': answer(ref('Plain')), ...fails },
      },
    },
    [`/${kind}/{${parameter}}`]: {
      parameters: [inPath(parameter, id)],
      get: get(`get${name}`, ref('Plain')),
      put: {
        operationId: `replace${name}`,
        requestBody: take,
        responses: { '200': answer(ref('Plain')), ...fails },
      },
      delete: { operationId: `delete${name}`, responses: { '204': none, ...fails } },
    },
  }
}

const projectPaths = {
  '/projects': {
    get: get(
      'listProjects',
      {
        type: 'object',
        properties: {
          items: { type: 'array', items: ref('Project') },
          total: { type: 'integer' },
          nextCursor: { type: 'string' },
        },
      },
      {
        parameters: [
          inQuery('q', { type: 'string' }),
          inQuery('limit', { type: 'integer', minimum: 1, maximum: 100 }),
          inQuery('cursor', { type: 'string' }),
        ],
      },
    ),
    post: {
      operationId: 'createProject',
      requestBody: body('NewProject'),
      responses: {
        '201': {
          ...answer(ref('Project')),
          links: { self: { operationId: 'getProject', parameters: { projectId: '$response.body#/id' } } },
        },
        ...fails,
      },
    },
  },
  '/projects/export': {
    get: {
      operationId: 'exportProjects',
      responses: { '200': answer({ type: 'string' }, 'text/csv'), ...fails },
    },
  },
  '/projects/{projectId}': {
    parameters: [inPath('projectId')],
    get: get('getProject', ref('Project')),
    put: {
      operationId: 'replaceProject',
      requestBody: body('ProjectReplacement'),
      responses: { '200': answer(ref('Project')), ...fails },
    },
    patch: {
      operationId: 'changeProject',
      requestBody: body('ProjectChange'),
      responses: { '200': answer(ref('Project')), ...fails },
    },
    delete: { operationId: 'deleteProject', responses: { '204': none, ...fails } },
  },
  '/projects/{projectId}/archive': {
    parameters: [inPath('projectId')],
    post: { operationId: 'archiveProject', responses: { '200': answer({ type: 'object' }), ...fails } },
  },
}

const documentPaths = {
  '/projects/{projectId}/documents': {
    parameters: [inPath('projectId')],
    get: get('listProjectDocuments', list('Document')),
    post: {
      operationId: 'createDocument',
      requestBody: body('NewDocument'),
      responses: { '201': answer(ref('Document')), ...fails },
    },
  },
  '/documents': {
    get: get('listDocuments', list('Document'), { parameters: [inQuery('projectId', uuid)] }),
  },
  '/documents/batch': {
    get: get('batchDocuments', list('Document'), {
      parameters: [
        inQuery(
          'ids',
          { type: 'array', items: uuid, minItems: 1 },
          { required: true, explode: false, 'x-resource': 'documents' },
        ),
      ],
    }),
  },
  '/documents/bulk-delete': {
    post: {
      operationId: 'deleteDocuments',
      requestBody: body('Ids'),
      responses: {
        '200': answer({ type: 'object', properties: { deleted: { type: 'integer' } } }),
        ...fails,
      },
    },
  },
  '/documents/{documentId}': {
    parameters: [inPath('documentId')],
    get: get('getDocument', ref('Document')),
    patch: {
      operationId: 'changeDocument',
      requestBody: body('DocumentChange'),
      responses: { '200': answer(ref('Document')), ...fails },
    },
    delete: { operationId: 'deleteDocument', responses: { '204': none, ...fails } },
  },
  '/files/{fileKey}': {
    parameters: [inPath('fileKey')],
    get: { operationId: 'getFile', responses: { '200': answer({ type: 'string' }, 'text/plain'), ...fails } },
  },
}

const otherPaths = {
  '/me': { get: get('getMe', { type: 'object', properties: { tenant: { type: 'string' } } }) },
  '/healthz': { get: { ...get('isAlive', { type: 'object' }), security: [] } },
  '/countries': { get: get('listCountries', { type: 'object' }) },
  '/admin/tenants': { get: get('listTenants', { type: 'object' }) },
  '/stats': { get: get('getStats', { type: 'object', properties: { projects: { type: 'integer' } } }) },
  '/stats/projects': { get: get('getProjectNames', { type: 'object' }) },
  '/payments': {
    post: {
      operationId: 'createPayment',
      parameters: [{ name: 'Idempotency-Key', in: 'header', schema: { type: 'string', maxLength: 64 } }],
      requestBody: body('NewPayment'),
      responses: { '201': answer(ref('Payment')), ...fails },
    },
  },
  '/payments/{paymentId}': {
    parameters: [inPath('paymentId')],
    get: get('getPayment', ref('Payment')),
    delete: { operationId: 'deletePayment', responses: { '204': none, ...fails } },
  },
  '/exports': {
    post: {
      operationId: 'startExport',
      requestBody: body('NewExport'),
      responses: { '202': answer({ type: 'object', properties: { exportId: uuid } }), ...fails },
    },
  },
  '/exports/{exportId}': {
    parameters: [inPath('exportId')],
    get: get('getExport', { type: 'object' }),
    delete: { operationId: 'deleteExport', responses: { '204': none, ...fails } },
  },
  '/webhooks': {
    post: {
      operationId: 'createWebhook',
      requestBody: body('NewWebhook'),
      responses: { '201': answer({ type: 'object', properties: { id: uuid } }), ...fails },
    },
  },
  '/webhooks/{webhookId}': {
    parameters: [inPath('webhookId')],
    get: get('getWebhook', { type: 'object' }),
    delete: { operationId: 'deleteWebhook', responses: { '204': none, ...fails } },
  },
  '/tenants/{tenantId}/flags': {
    parameters: [inPath('tenantId', { type: 'string' })],
    get: get('listFlags', { type: 'array', items: ref('Plain') }),
    post: {
      operationId: 'createFlag',
      requestBody: body('NewPlain'),
      responses: { '201': answer(ref('Plain')), ...fails },
    },
  },
  '/tenants/{tenantId}/flags/{flagId}': {
    parameters: [inPath('tenantId', { type: 'string' }), inPath('flagId', { type: 'integer', minimum: 1 })],
    get: get('getFlag', ref('Plain')),
    delete: { operationId: 'deleteFlag', responses: { '204': none, ...fails } },
  },
  ...plain('notes', 'noteId', 'Note'),
  ...plain('labels', 'labelId', 'Label'),
  ...plain('teams', 'teamId', 'Team'),
}

const text = { type: 'string', minLength: 1, maxLength: 200 }
const object = (required: readonly string[], properties: object) => ({ type: 'object', required, properties })

const schemas = {
  Project: object(['id', 'code', 'name', 'status'], {
    id: uuid,
    code: text,
    name: text,
    status: { enum: ['active', 'archived'] },
    budget: { type: ['integer', 'null'] },
  }),
  NewProject: object(['code', 'name'], {
    code: { type: 'string', pattern: '^[A-Za-z0-9-]{2,40}$' },
    name: text,
    budget: { type: 'integer', minimum: 0, maximum: 1000 },
  }),
  ProjectReplacement: object(['name', 'status'], { name: text, status: { enum: ['active', 'archived'] } }),
  ProjectChange: object([], { name: text, budget: { type: 'integer', minimum: 0, maximum: 1000 } }),
  Document: object(['id', 'projectId', 'title', 'fileKey'], {
    id: uuid,
    projectId: uuid,
    title: text,
    body: { type: 'string' },
    fileKey: uuid,
  }),
  NewDocument: object(['title'], { title: text, body: { type: 'string', maxLength: 500 } }),
  DocumentChange: object([], { title: text, projectId: uuid }),
  Ids: object(['ids'], { ids: { type: 'array', items: uuid, minItems: 1, 'x-resource': 'documents' } }),
  Payment: object(['id', 'amount', 'note'], {
    id: uuid,
    projectId: uuid,
    amount: { type: 'integer' },
    note: text,
  }),
  NewPayment: object(['projectId', 'amount', 'note'], {
    projectId: uuid,
    amount: { type: 'integer', minimum: 1, maximum: 100000 },
    note: text,
  }),
  NewExport: object(['label'], { label: text }),
  NewWebhook: object(['url', 'description'], { url: { type: 'string', format: 'uri' }, description: text }),
  Plain: object(['id', 'title'], {
    id: { type: 'integer' },
    title: text,
    body: { type: ['string', 'null'] },
  }),
  NewPlain: object(['title'], { title: text, body: { type: 'string', maxLength: 500 } }),
}

/** The OpenAPI description of the demo: 52 operations. */
export function demoDocument(): object {
  return {
    openapi: '3.1.0',
    info: { title: 'tenant-demo', version: '1' },
    security: [{ token: [] }],
    paths: { ...projectPaths, ...documentPaths, ...otherPaths },
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas,
    },
  }
}
