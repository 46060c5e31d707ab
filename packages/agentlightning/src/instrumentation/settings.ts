// What the environment says to the hooks, and how they speak: nothing unless asked, one line for what matters.
import fs from 'node:fs'

/** What the hooks are told by the environment of the program. Read when they are put in. */
export interface HookSettings {
  /** `AGL_HOOKS_REQUEST_FLAG=0` keeps the hooks from asking servers for token ids. */
  readonly requestFlag: boolean
  /** `AGL_HOOKS_DEBUG=1` says on standard error which way was taken. */
  readonly debug: boolean
  /** Where the AgentOps SDK is turned to: `AGL_SERVER_URL`, else `AGENTOPS_API_ENDPOINT`. Without a slash at the end. */
  readonly serverUrl: string | undefined
  /** Whether messages go on spans that the hooks make. The switches of the usual instrumentations count. */
  readonly content: boolean
}

type Environment = Readonly<Record<string, string | undefined>>

const offTexts: ReadonlySet<string> = new Set(['0', 'false', 'no', 'off'])
const onTexts: ReadonlySet<string> = new Set(['1', 'true', 'yes', 'on'])

/** The settings in an environment. */
export function readSettings(env: Environment): HookSettings {
  return {
    requestFlag: !isOff(env.AGL_HOOKS_REQUEST_FLAG),
    debug: onTexts.has((env.AGL_HOOKS_DEBUG ?? '').toLowerCase()),
    serverUrl: httpUrl(env.AGL_SERVER_URL) ?? httpUrl(env.AGENTOPS_API_ENDPOINT),
    content:
      !isOff(env.TRACELOOP_TRACE_CONTENT) && !isOff(env.OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT),
  }
}

/** Whether hooks that load by themselves are wanted: `AGL_HOOKS=0` keeps them out. */
export function isWanted({ AGL_HOOKS }: Environment): boolean {
  return AGL_HOOKS !== '' && !isOff(AGL_HOOKS)
}

function isOff(text: string | undefined): boolean {
  return offTexts.has((text ?? '').toLowerCase())
}

function httpUrl(text: string | undefined): string | undefined {
  return text && /^https?:\/\/./.test(text) ? text.replace(/\/+$/, '') : undefined
}

/** How the hooks speak to a person. Never throws. */
export interface Voice {
  /** Only with `AGL_HOOKS_DEBUG=1`. */
  debug(text: string): void
  /** What a person has to know: each text once. */
  warn(text: string): void
}

/** Writes to standard error. */
export function makeVoice(settings: HookSettings, write: (line: string) => void = toStandardError): Voice {
  const said = new Set<string>()
  const say = (text: string): void => {
    try {
      write(`agentlightning: ${text}\n`)
    } catch {
      // A closed standard error is no reason to disturb the program.
    }
  }
  return {
    debug(text) {
      if (settings.debug) say(text)
    },
    warn(text) {
      if (said.has(text)) return
      said.add(text)
      say(text)
    },
  }
}

// The stream of the process would end a program whose standard error nobody reads any more.
function toStandardError(line: string): void {
  fs.writeSync(2, line)
}

/** A short text of whatever was thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
