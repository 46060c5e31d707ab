// The error catalogue as a page.
import { errorKinds } from './errors.ts'

/** Markdown of `docs/errors.md`: every code with its statuses, what happened and what to do. */
export function errorsDocument(): string {
  const sections = Object.entries(errorKinds).map(
    ([code, { http, grpc, exit, message, action }]) =>
      `## ${code}\n\n${placeholders(message)} ${placeholders(action)}\n\nHTTP ${http} · gRPC ${grpc} · exit ${exit}\n`,
  )
  return `# Errors

Every error has a stable code: in the header \`x-agl-error\` of an answer, in brackets behind a command's message, as
\`code\` of an \`AglError\`. Written from the catalogue by \`npm run docs\`.

${sections.join('\n')}`
}

function placeholders(template: string): string {
  return template.replace(/\{(\w+)\}/g, '‹$1›').trim()
}
