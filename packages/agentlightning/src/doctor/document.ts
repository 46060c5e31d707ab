// The doctor's codes as a page.
import { verdict, verdictCodes } from '../token-ids/verdict/codes.ts'
import { findingCodes, findingTable } from './codes.ts'

const levelWords = { ok: 'in order', info: 'note', warn: 'warning', error: 'error' } as const

const intro = `# agl doctor

\`agl doctor\` looks for what keeps spans or token ids from being recorded, and says what to do about it.

\`\`\`
agl doctor                    the server, this shell, packages, and what arrived in the last hour
agl doctor 4bf92f35           a trace (the beginning of its id is enough)
agl doctor --rollout r1       the calls of a rollout; --run ID: of a run
agl doctor --since 15m        what began since then
agl doctor --json --strict    for a script: one JSON object, and exit status 1 for warnings too
\`\`\`

Run it in the shell and in the folder in which the program is started: its variables and packages count. Without a
server it checks what it can, and reads the calls from the data directory. What is wrong comes first. \`✓\` is in order, \`i\` a note, \`!\` a warning,
\`✗\` an error. Exit status: 0 when nothing is broken, 1 for an error (with \`--strict\` also for a warning) and
where no trace has the id, 2 for a wrong command line.

The same findings, without those about the shell, are at \`GET /api/v1/doctor\` (\`trace\`, \`rollout\`, \`run\`, \`since\`;
\`probe=1\` asks the upstreams of the gateway whether they answer), and on the *Health* page of the dashboard (\`g h\`).

\`--json\` gives \`ok\` (the exit status is 0), \`url\` of the server or null, \`dataDir\`, \`scope\` in words, \`calls\` (\`total\`,
\`withIds\`, \`failed\`; null when there is nothing to read them from), \`hasMoreCalls\` (the counts are of the newest calls),
\`findings\`, the worst first, and \`server\` with its figures, or null. A finding has \`code\`, \`level\` (\`ok\`, \`info\`, \`warn\`,
\`error\`), \`subject\`, \`sentence\`, \`todo\` (empty where nothing is to be done), \`docs\`, and where it counts something
\`count\` and \`examples\`: ids of calls and traces, or texts; \`places\` are the trace and the span of each,
\`lastMs\` is when the newest came. Codes, levels and
members stay; sentences may change.

At most 1,000 calls and 200 traces are looked at, and at most 300 calls are read in full within 1.5 s; \`calls.partial\`
says when there is more. Counts of refused and unknown requests and of silent clients begin with the start of the
server. Refused and unknown requests are notes when the newest is older than the time that is examined, an hour where none is
named: after a repair, \`agl doctor --since 1m\` shows whether it holds. A client counts as silent 30 s after it fetched a token without sending a span.

Written from the tables in the source by \`npm run docs\`. What stands in ‹› is filled in.
`

/** Markdown of `docs/doctor.md`: every code with its level, what was found and what to do. */
export function doctorDocument(): string {
  const own = findingCodes
    .map((code) => ({ code, ...findingTable[code] }))
    .map(({ code, level, sentence, todo }) => section(code, levelWords[level], sentence, todo))
  const verdicts = verdictCodes
    .map((code) => verdict(code))
    .map(({ code, ok, sentence, todo }) => section(code, levelWords[ok ? 'ok' : 'warn'], sentence, todo))
  return `${intro}
## Findings

${own.join('\n')}
## Verdicts on calls

Grouped and counted. Where a server or a route is known to need something else, the advice says that instead. Verdicts
that only tell how a program is set up (\`ids.not_on_span\`, \`ids.not_in_event\`, \`ids.backend_cannot\`,
\`ids.flag_not_sent\`) are notes as long as no call has token ids and nothing was named. More: [token ids](token-ids.md).

${verdicts.join('\n')}`
}

function section(code: string, level: string, sentence: string, todo: string): string {
  const advice = todo === '' ? '' : `\n${placeholders(todo)}\n`
  return `### ${code}\n\n${placeholders(sentence)} *(${level})*\n${advice}`
}

function placeholders(template: string): string {
  return template
    .replace(/\{(\w+)\}/g, '‹$1›')
    .replaceAll('<server>', '`<server>`')
    .trim()
}
