// The doctor's own findings by code: documented in docs/doctor.md, which is written from this table. Verdicts
// on calls are in `token-ids/verdict/codes.ts`.
import type { Level } from './finding.ts'

/** One kind of finding; `{name}` is replaced by the detail of that name. */
export interface FindingEntry {
  readonly level: Level
  readonly sentence: string
  /** Empty when there is nothing to do. */
  readonly todo: string
}

const entries = {
  'server.running': ok('The server at {url} answers: version {version}, up {uptime}.'),
  'server.not_running': {
    level: 'error',
    sentence: 'No server is running on {dataDir}.',
    todo: 'Start one: agl agentops --daemon',
  },
  'server.not_answering': {
    level: 'error',
    sentence: 'A process{holder} holds {dataDir} but does not answer.',
    todo: 'If it does not come back by itself, end it: agl agentops stop',
  },
  'server.port_taken': {
    level: 'error',
    sentence:
      'Port {port}, where clients send unless told otherwise, is taken{holder}: that is not this server.',
    todo: 'Stop it, or give the program the address of this server: eval "$(agl agentops env)"',
  },
  'server.other_directory': {
    level: 'warn',
    sentence: 'The Agent Lightning server on port {port} records to {other}, not to {dataDir}.',
    todo: 'If that is the server you mean, name its directory (--data-dir, or AGL_DATA_DIR); if not, stop it.',
  },
  'server.version': {
    level: 'warn',
    sentence: 'The server is version {server}, this command is version {command}.',
    todo: 'Start the server anew with this version: agl agentops restart',
  },
  'server.refuses': {
    level: 'error',
    sentence: 'The server did not answer this examination: {reason}',
    todo: 'Start it anew: agl agentops restart',
  },
  'node.ok': ok('The server runs on Node.js {version}.'),
  'data_dir.ok': ok('The data directory {dataDir} can be written.'),
  'data_dir.not_writable': {
    level: 'error',
    sentence: 'The data directory {dataDir} cannot be written: {reason}.',
    todo: 'Make it writable for this user, or choose another: --data-dir DIR',
  },
  'disk.ok': ok('{free} are free on the disk; recordings take {used} of {cap}.'),
  'disk.nearly_full': {
    level: 'warn',
    sentence:
      'Only {free} are free on the disk of {dataDir}. Recordings are removed, oldest first, when it is full.',
    todo: 'Free space there, or choose a directory on another disk: --data-dir DIR',
  },
  'disk.full': {
    level: 'error',
    sentence: 'The disk of {dataDir} is full ({free} free): nothing new is recorded.',
    todo: 'Free space there; the server goes on by itself.',
  },
  'disk.near_cap': {
    level: 'info',
    sentence: 'Recordings take {used} of the {cap} that they may take. The oldest go when it is reached.',
    todo: 'To keep more, restart the server with a larger --max-disk.',
  },
  'clients.waiting': {
    level: 'info',
    sentence: '{agent} said hello ({how}) {seconds} s ago; no span has come yet.',
    todo: 'Ask again in half a minute: why none comes is said then.',
  },
  'requests.ok': ok('No request was refused or unknown since the start of the server.'),
  'requests.refused': {
    level: 'warn',
    sentence: 'Requests refused with {error}: {count}. The newest: {example}',
    todo: '{fix}',
  },
  'requests.wrong_endpoint': {
    level: 'warn',
    sentence: 'A client sends to {route}, where nothing listens ({count} × so far): {agent}.',
    todo: '{fix}',
  },
  'requests.unknown': {
    level: 'info',
    sentence: '{route} is no address of this server ({count} × so far): {agent}.',
    todo: 'If these are spans, send them to /v1/traces.',
  },
  'clients.exports_nothing': {
    level: 'warn',
    sentence:
      '{agent} got its token {seconds} s ago and sent no span since. AgentOps 0.4.19–0.4.21 exports none with opentelemetry-exporter-otlp-proto-http 1.45 or later.',
    todo: 'Run the program with `agl run`, or: pip install "opentelemetry-exporter-otlp-proto-http<1.45". With an earlier one, set AGENTOPS_EXPORTER_ENDPOINT=<server>/v1/traces',
  },
  'clients.silent': {
    level: 'warn',
    sentence: '{agent} said hello ({how}) {seconds} s ago and sent no span since.',
    todo: '{cause}',
  },
  'records.set_aside': {
    level: 'warn',
    sentence: 'Records that could not be read and are set aside: {count}. The newest: {example}',
    todo: 'They are kept. Update agentlightning, then run `agl reindex`; if they stay, report the error.',
  },
  'log.damaged': {
    level: 'warn',
    sentence: 'The log is damaged, so that records were passed over (places: {count}). The first: {example}.',
    todo: 'Nothing brings them back; the rest is kept. Check the disk, and what else writes to the data directory.',
  },
  'log.cut': {
    level: 'info',
    sentence: 'At the start, {cut} were cut off the end of the log, where a write was not finished.',
    todo: 'That is in order after a crash or a power cut. After anything else, check the disk.',
  },
  'index.ok': ok('The index is up to date (traces: {traces}, spans: {spans}).'),
  'index.lag': {
    level: 'warn',
    sentence: 'The index is {lag} behind the log, so that the newest data is not shown yet.',
    todo: 'Wait. If it grows, the machine is too busy: see the load of its processors and its disk.',
  },
  'index.unreadable': {
    level: 'warn',
    sentence: 'The calls in {dataDir} cannot be read: {reason}',
    todo: 'Start a server on it, which builds what is missing from the log: agl agentops --daemon',
  },
  'index.restarted': {
    level: 'warn',
    sentence: 'The thread of the index ended by itself {count} × since the start of the server.',
    todo: 'See `agl agentops logs`, and report the error.',
  },
  'loop.ok': ok('The server reacts within {p99} ms (99 of 100 times).'),
  'loop.slow': {
    level: 'warn',
    sentence: 'The server reacts slowly: {p99} ms at the 99th percentile, {max} ms at worst.',
    todo: 'The machine is too busy or swaps. Give it room, or send larger batches less often.',
  },
  'gateway.ok': ok('The gateway records (upstreams: {upstreams}, calls since its start: {recorded}).'),
  'gateway.no_upstream': {
    level: 'info',
    sentence: 'The gateway has no model server behind it.',
    todo: 'To record token ids, start programs with `agl run`, or restart the server with --upstream URL.',
  },
  'gateway.paused': {
    level: 'warn',
    sentence: 'The gateway is paused and refuses model calls.',
    todo: 'Resume it: curl -X POST <server>/api/v1/gateway/resume',
  },
  'gateway.unrecorded': {
    level: 'error',
    sentence: 'Calls through the gateway that could not be recorded: {count}.',
    todo: 'See `agl agentops logs`: the disk was full, or failed.',
  },
  'gateway.upstream_down': {
    level: 'error',
    sentence: 'The model server {name} at {url} cannot be reached: {reason}.',
    todo: 'Start it, or correct its URL. More: agl gateway check',
  },
  'gateway.flag_refused': {
    level: 'info',
    sentence: 'The model server {name} refused {flags}; calls are sent without it.',
    todo: 'It gives no token ids this way. More: agl gateway check',
  },
  'env.ok': ok('The variables of this shell send to this server.'),
  'env.unset': {
    level: 'info',
    sentence: 'This shell has none of the variables that send an SDK to this server.',
    todo: 'If the program is not told otherwise: eval "$(agl agentops env)", or start it with `agl run`.',
  },
  'env.proxy': {
    level: 'warn',
    sentence: '{name} sends requests through {proxy}, and NO_PROXY does not except {hosts}.',
    todo: 'Set NO_PROXY=localhost,127.0.0.1,::1; `agl agentops env` prints it.',
  },
  'env.elsewhere': {
    level: 'warn',
    sentence: '{name} is {value}, which is not this server.',
    todo: 'Set it to {wanted} or, for all at once: eval "$(agl agentops env)"',
  },
  'env.exporter_path': {
    level: 'warn',
    sentence: '{name} is {value}; it is used as it stands, and spans are taken at /v1/traces only.',
    todo: 'Set it to {wanted}',
  },
  'env.endpoint_path': {
    level: 'warn',
    sentence: '{name} is {value}: clients add a path of their own to it, and {effect}.',
    todo: 'Set it to {wanted}',
  },
  'env.tls': {
    level: 'warn',
    sentence: '{name} is {value}: this server speaks HTTP without TLS, so nothing arrives.',
    todo: 'Set it to {wanted}',
  },
  'env.key': {
    level: 'warn',
    sentence: '{name} is not the key that this server demands.',
    todo: 'Take the variables of this server: eval "$(agl agentops env)"',
  },
  'env.exporter_missing': {
    level: 'warn',
    sentence:
      'AGENTOPS_API_ENDPOINT is set and AGENTOPS_EXPORTER_ENDPOINT is not: the spans of AgentOps 0.4 go to its cloud.',
    todo: 'Set AGENTOPS_EXPORTER_ENDPOINT={wanted}',
  },
  'env.protocol': {
    level: 'warn',
    sentence: '{name} is grpc, which sends no path: the key that the endpoint ends with does not arrive.',
    todo: 'Set {name}=http/protobuf',
  },
  'env.past_gateway': {
    level: 'info',
    sentence: '{name} is {value}: model calls of this shell do not go through the gateway.',
    todo: 'To record token ids: {name}={wanted}',
  },
  'env.model_path': {
    level: 'warn',
    sentence: '{name} is {value}: this server, but not its gateway, so that model calls get no answer.',
    todo: 'Set it to {wanted}',
  },
  'env.switched_off': {
    level: 'warn',
    sentence: '{name}={value} switches off {what}.',
    todo: 'Unset it.',
  },
  'env.attribute_limit': {
    level: 'warn',
    sentence:
      '{name}={value} lets a span keep {value} attributes: long conversations lose messages and token ids.',
    todo: 'Unset it, or set it to 10000.',
  },
  'python.ok': ok('Python {version} ({executable}): {packages}.'),
  'python.exports_nothing': {
    level: 'error',
    sentence:
      'AgentOps {agentops} with opentelemetry-exporter-otlp-proto-http {exporter} ({executable}) exports no span at all.',
    todo: 'Run the program with `agl run`, or: pip install "opentelemetry-exporter-otlp-proto-http<1.45"',
  },
  'python.known_problem': {
    level: 'warn',
    sentence: '{packages}: {problem}',
    todo: '{fix}',
  },
  'js.ok': ok('In {directory}: {packages}.'),
  'js.no_variables': {
    level: 'info',
    sentence: 'AgentOps {version} for JavaScript reads no address from the environment.',
    todo: 'Pass it: agentops.init({ apiEndpoint: "{url}", otlpEndpoint: "{url}" }), or start the program with `agl run`.',
  },
  'js.known_problem': {
    level: 'warn',
    sentence: '{packages}: {problem}',
    todo: '{fix}',
  },
  'calls.none': {
    level: 'info',
    sentence: 'There are no model calls {scope}.',
    todo: 'Call the model through the gateway, or instrument the program; see docs/clients.md.',
  },
  'calls.summary': ok('Model calls {scope}: {total}, with token ids {withIds}, failed {failed}.'),
  'calls.span_without_call': {
    level: 'warn',
    sentence:
      'Calls with a span that did not go through the gateway, where others of their trace did: {count}.',
    todo: 'Their client has an address of its own: give it base_url=<server>/gateway/v1.',
  },
  'calls.call_without_span': {
    level: 'warn',
    sentence:
      'Calls through the gateway without a span of the program, where others that ran beside them have one: {count}.',
    todo: 'Their client is not instrumented (structured output, raw requests, another SDK). The gateway shows them all the same; the hooks of `agl run` make the spans.',
  },
  'calls.partial': {
    level: 'info',
    sentence: 'Not everything was looked at: {what}.',
    todo: 'Name a trace, a rollout or a shorter time: --since 15m.',
  },
  'traces.none': {
    level: 'info',
    sentence: 'There are no traces {scope}.',
    todo: 'If one should have, look at the findings about the environment, the requests and the clients.',
  },
  'traces.import_order': {
    level: 'warn',
    sentence:
      'Traces with spans but without an LLM span, while the gateway recorded model calls in their time: {count}. The SDK does not see the calls of the program.',
    todo: 'Import the framework and the model SDK before agentops.init(), or start the program with `agl run`.',
  },
  'traces.no_llm_spans': {
    level: 'info',
    sentence: 'Traces with spans but without an LLM span: {count}.',
    todo: 'If they call models: import the framework before agentops.init(), set AGENTOPS_INSTRUMENT_LLM_CALLS=true, or use the gateway.',
  },
  'traces.spans_cut': {
    level: 'warn',
    sentence:
      'Traces without an LLM span, whose spans lost attributes (up to {most}) to the limit of their SDK: {count}. By what was lost, LLM spans are known.',
    todo: 'Set OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT=10000 before the program starts, or start it with `agl run`.',
  },
  'traces.attributes_dropped': {
    level: 'warn',
    sentence:
      'LLM spans that lost attributes (up to {most}) to the limit of their SDK: {count}. Messages or token ids are missing.',
    todo: 'Set OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT=10000 before the program starts, or start it with `agl run`.',
  },
} as const satisfies Record<string, FindingEntry>

/** The codes of the doctor's own findings. */
export type OwnCode = keyof typeof entries

/** Every kind of finding by its code. */
export const findingTable: Readonly<Record<OwnCode, FindingEntry>> = entries

/** Every own code, in the order in which they are documented. */
export const findingCodes = Object.keys(entries) as readonly OwnCode[]

function ok<const Text extends string>(sentence: Text): { level: 'ok'; sentence: Text; todo: '' } {
  return { level: 'ok', sentence, todo: '' }
}
