/** A description of many operations on shared components, as generators write them. */
export function largeDescription(operations: number, edited: boolean): object {
  const paths: Record<string, object> = {}
  const schemas: Record<string, object> = {}
  for (let index = 0; index < operations; index += 1) {
    const content = { 'application/json': { schema: { $ref: `#/components/schemas/S${index % 1000}` } } }
    paths[`/collections/${index}/items/{itemId}`] = {
      get: {
        operationId: `readItem${index}`,
        summary: 'Reads one item of the collection and everything that belongs to it.',
        parameters: [
          { name: 'itemId', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } },
          { name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 100 } },
        ],
        responses: { 200: { description: 'the item', content }, 404: { description: 'no such item' } },
      },
    }
  }
  for (let index = 0; index < 1000; index += 1) {
    const properties: Record<string, object> = {
      next: { $ref: `#/components/schemas/S${(index + 1) % 1000}` },
    }
    for (let count = 0; count < 20; count += 1)
      properties[`field${count}`] = { type: 'string', maxLength: 100 }
    // One edit, which a client of every operation sees, because each schema leads to the next.
    if (edited && index === 999) properties.field0 = { type: 'integer' }
    schemas[`S${index}`] = { type: 'object', required: ['field0', 'field1'], properties }
  }
  return { openapi: '3.1.0', info: { title: 'large', version: '1.0.0' }, paths, components: { schemas } }
}
