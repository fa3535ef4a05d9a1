/**
 * The ways in which a service lets one tenant see or change what is another's, each with its own switch. All off is a
 * service that keeps tenants apart.
 */
export const leaks = {
  'read-by-id': 'GET /projects/{projectId} looks the row up by its id alone',
  'update-by-id': 'PUT /projects/{projectId} changes a foreign row and says 404',
  'patch-by-id': 'PATCH /projects/{projectId} changes a foreign row',
  'delete-by-id': 'DELETE /projects/{projectId} deletes a foreign row',
  'action-by-id': 'POST /projects/{projectId}/archive archives a foreign project',
  'child-create': 'POST /projects/{projectId}/documents adds to a foreign project',
  'child-list': 'GET /projects/{projectId}/documents lists those of a foreign project',
  list: 'GET /projects lists all tenants',
  search: 'GET /projects?q= forgets the tenant',
  filter: 'GET /documents?projectId= believes the filter',
  'duplicate-parameter': 'GET /documents checks the first projectId and uses the last',
  total: 'GET /projects counts all tenants in `total`',
  stats: 'GET /stats counts all tenants',
  export: 'GET /projects/export writes the rows of all tenants',
  'header-override': 'the header X-Tenant-Id counts more than the token',
  'query-override': 'the query parameter tenant_id counts more than the token',
  'body-override': 'POST /projects takes tenantId from the body',
  'bulk-write': 'POST /documents/bulk-delete checks the first id only',
  'bulk-read': 'GET /documents/batch checks the first id only',
  move: 'PATCH /documents/{documentId} moves into a foreign project',
  'shared-cache': 'GET /projects/export is cached by its URL alone',
  etag: 'GET /projects/{projectId} compares If-None-Match before it looks at the tenant',
  cacheable: 'GET /projects/{projectId} says Cache-Control: public',
  cursor: 'GET /projects believes the tenant in a cursor',
  download: 'GET /files/{fileKey} serves whoever knows the key',
  job: 'GET /exports/{exportId} shows the job of anybody',
  webhook: 'GET /webhooks/{webhookId} shows the webhook of anybody',
  idempotency: 'POST /payments keeps idempotency keys of all tenants in one table',
  'error-body': 'GET /projects/{projectId} names the foreign project in its 404',
  'error-header': 'GET /projects/{projectId} names the foreign project in a header of its 404',
  'natural-key': 'POST /projects says which project of anybody has that code',
  pool: 'GET /stats/projects keeps the tenant in a variable of the process',
  anonymous: 'GET /documents/{documentId} answers without credentials',
  existence: 'GET /projects/{projectId} says 403 for what exists and 404 for what does not',
  'path-tenant': 'GET /tenants/{tenantId}/flags believes the path',
  'path-tenant-write': 'POST /tenants/{tenantId}/flags believes the path',
  sequence: 'GET /notes/{noteId} counts its ids up and looks them up alone',
} as const

export type Leak = keyof typeof leaks
export const leakNames = Object.keys(leaks) as readonly Leak[]
