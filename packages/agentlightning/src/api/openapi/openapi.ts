// OpenAPI 3.1 of the public HTTP API, generated from the schemas that check the requests.
import { z } from 'zod'
import { version } from '../../version.ts'
import { clientOperations } from './client-operations.ts'
import { gatewayOperations } from './gateway-operations.ts'
import type { Operations } from './operation.ts'
import { readOperations } from './read-operations.ts'

const operations: Operations = { ...readOperations, ...gatewayOperations, ...clientOperations }

let built: object | undefined

/** The document, built when first asked for. */
export function openApi(): object {
  built ??= {
    openapi: '3.1.0',
    info: { title: 'Agent Lightning', version, license: { name: 'MIT', identifier: 'MIT' } },
    paths: Object.fromEntries(
      Object.entries(operations).map(([path, methods]) => [path, pathItem(path, methods)]),
    ),
  }
  return built
}

function pathItem(path: string, methods: Operations[string]): object {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
  return Object.fromEntries(
    Object.entries(methods).map(([method, { summary, query, answers }]) => [
      method,
      {
        summary,
        parameters: [...inPath, ...(query ? queryParameters(query) : [])],
        responses: Object.fromEntries(
          Object.entries(answers).map(([status, description]) => [status, { description }]),
        ),
      },
    ]),
  )
}

function queryParameters(schema: z.ZodObject): object[] {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input' }) as {
    properties?: Record<string, { description?: string }>
  }
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: 'query',
    required: false,
    ...(description === undefined ? {} : { description }),
    schema: rest,
  }))
}
