// The Python hooks without any library: their own tests on every Python of this machine, what they read compared
// with what the TypeScript of this package reads, and the loader beside a program's own `sitecustomize`.
import { spawn } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { byEra, byServer } from '../../packages/agentlightning/src/token-ids/fixtures/goldens.ts'
import { recorded } from '../../packages/agentlightning/src/token-ids/fixtures/replies.ts'
import { type CallTokens, extractReply } from '../../packages/agentlightning/src/token-ids/index.ts'
import { tempDir } from '../support/agl.ts'
import { MeansMissing, requireMeans } from '../support/means.ts'
import { hooksFolder, hooksSite, type Interpreter, interpreters } from '../support/python-hooks.ts'
import { type Ended, runProgram } from '../support/run-program.ts'

const found = await requireMeans('Python hooks', async () => {
  const all = await interpreters()
  if (all.length === 0) throw new MeansMissing('Python 3.8 or later was not found (python3)')
  return all
})
const python = found?.[0] as Interpreter
const quiet = { PATH: process.env.PATH, PYTHONDONTWRITEBYTECODE: '1', LANG: 'C.UTF-8' }

describe.runIf(found).each(found ?? [])('the hooks on Python $version', ({ path }) => {
  it('pass their own tests', async () => {
    const args = ['-W', 'error', '-m', 'unittest', 'discover', '-s', 'tests', '-t', '.']
    const ended = await runProgram(path, args, { cwd: hooksFolder, env: quiet })
    expect(ended.code, ended.stderr).toBe(0)
    expect(Number(/^Ran (\d+) tests/m.exec(ended.stderr)?.[1])).toBeGreaterThan(25)
  })

  it('are loaded by the variable alone, and import nothing of use before it is used', async () => {
    const script = `
import sys
ours = sorted(name for name in sys.modules if name.startswith("agentlightning_hooks"))
print(ours, [name for name in ("logging", "json", "re", "threading", "typing") if name in sys.modules])`
    const ended = await runProgram(path, ['-c', script], { env: { ...quiet, PYTHONPATH: hooksSite } })
    const bare = await runProgram(path, ['-c', script], { env: quiet })
    expect(ended.stderr).toBe('')
    const ours = "['agentlightning_hooks', 'agentlightning_hooks._importhook']"
    expect(ended.stdout).toBe(bare.stdout.replace('[]', ours))
  })
})

/** A reply as both readers get it, and what TypeScript reads. */
interface Case {
  readonly name: string
  readonly given: { reply: unknown } | { frames: unknown[] }
  readonly tokens: CallTokens
}

describe.runIf(found)('what the hooks read', () => {
  it('is what the server reads, in every golden, with values and with nulls', async () => {
    const cases = Object.entries({ ...byEra, ...byServer }).flatMap(([name, [body]]) => {
      const value: unknown = typeof body === 'string' ? JSON.parse(body) : body
      return [caseOf(name, value), caseOf(`${name}, nulls`, nulled(value))]
    })
    await expectTheSame(cases)
    expect(cases.length).toBeGreaterThan(50)
  })

  it('is what the server reads, in every recorded reply and stream', async () => {
    const cases = recorded.flatMap(({ name, streamed, body }): Case[] => {
      if (!streamed)
        return [{ name, given: { reply: JSON.parse(body.toString()) }, tokens: extractReply(body) }]
      const frames = framesOf(body.toString())
      return [{ name, given: { frames }, tokens: extractReply(body) }]
    })
    await expectTheSame(cases)
    expect(cases.length).toBeGreaterThan(50)
  })

  it('is what the server reads, in the streams of the format notes', async () => {
    const prompt = [501, 333, 198]
    const role = (index: number) => ({
      choices: [{ index, delta: { role: 'assistant', content: '' } }],
      prompt_token_ids: prompt,
    })
    const token = (index: number, ...token_ids: number[]) => ({
      choices: [{ index, delta: { content: 'x' }, token_ids }],
    })
    const sglext = { choices: [], usage: null, sglext: { input_ids: prompt, output_ids: [[1, 2]] } }
    const streams = {
      B: [role(0), token(0, 40), token(0, 41)],
      M: [token(0), sglext],
      P: [
        token(0, 464, 69),
        { choices: [{ index: 0, delta: {}, logprobs: { content: [{ token: 'e', logprob: 0 }] } }] },
      ],
      Q: [role(0), role(1), token(1, 7), token(0, 8), token(1, 9)],
      'with nulls': [{ ...role(0), prompt_token_ids: null }, { choices: [{ index: 0, token_ids: null }] }],
    }
    const cases = Object.entries(streams).map(([name, frames]) => ({
      name,
      given: { frames },
      tokens: extractReply(Buffer.from(frames.map((frame) => `data: ${JSON.stringify(frame)}\n\n`).join(''))),
    }))
    await expectTheSame(cases)
  })
})

describe.runIf(found)('a program with the hooks', () => {
  it('keeps the sitecustomize that was there before, which takes its name', async () => {
    const folder = tempDir()
    writeFileSync(
      join(folder, 'sitecustomize.py'),
      'import sys; sys.path.append("/theirs"); HERE = "their own"\n',
    )
    const script = `
import sys, sitecustomize, agentlightning_hooks
print(sitecustomize.HERE, "/theirs" in sys.path, agentlightning_hooks.is_instrumented())`
    expect((await runWith(`${hooksSite}:${folder}`, script)).stdout).toBe('their own True True\n')
  })

  it('is told of an error in that sitecustomize as without them, and is hooked all the same', async () => {
    const folder = tempDir()
    writeFileSync(join(folder, 'sitecustomize.py'), 'import no_such_module_of_theirs\n')
    const script = 'import agentlightning_hooks; print(agentlightning_hooks.is_instrumented())'
    const ended = await runWith(`${hooksSite}:${folder}`, script)
    const bare = await runWith(folder, 'print(True)')
    expect(ended.stdout).toBe('True\n')
    const last = (text: string) => text.trim().split('\n').at(-1)
    expect(last(ended.stderr)).toBe(last(bare.stderr))
  })

  it('is hooked through a link to the folder, also a relative one that stands there twice', async () => {
    const folder = tempDir()
    symlinkSync(hooksSite, join(folder, 'link'))
    const script = 'import agentlightning_hooks; print(agentlightning_hooks.is_instrumented())'
    const env = { ...quiet, PYTHONPATH: `link:${join(folder, 'link')}` }
    const ended = await runProgram(python.path, ['-c', script], { cwd: folder, env })
    expect(ended).toMatchObject({ code: 0, stdout: 'True\n', stderr: '' })
  })

  it('is hooked in its workers, forked and spawned, and not where Python is told to ignore the variable', async () => {
    const program = join(tempDir(), 'workers.py')
    writeFileSync(program, workers)
    const env = { ...quiet, PYTHONPATH: hooksSite }
    const ended = await runProgram(python.path, [program], { env })
    expect(ended).toMatchObject({ code: 0, stdout: 'True\nTrue\nTrue\n', stderr: '' })
    for (const flag of ['-I', '-E', '-S'])
      expect((await runProgram(python.path, [flag, program], { env })).stdout).not.toContain('True')
  })

  it('keeps a usercustomize and a start-up file', async () => {
    const folder = tempDir()
    writeFileSync(join(folder, 'usercustomize.py'), 'print("usercustomize")\n')
    writeFileSync(join(folder, 'startup.py'), 'print("startup")\n')
    const env = { ...quiet, PYTHONPATH: `${hooksSite}:${folder}`, PYTHONSTARTUP: join(folder, 'startup.py') }
    // A virtual environment without the system's packages has no user site: then it runs nowhere.
    const enabled = await runProgram(python.path, ['-c', 'import site; print(site.ENABLE_USER_SITE)'], {
      env: quiet,
    })
    const ended = await runProgram(python.path, ['-i', '-c', 'print("program")'], { env })
    const first = enabled.stdout === 'True\n' ? 'usercustomize\n' : ''
    expect(ended.stdout).toBe(`${first}program\n`)
  })

  it('is not hooked with AGL_HOOKS=0', async () => {
    const script = 'import sys; print("agentlightning_hooks" in sys.modules)'
    expect((await runWith(hooksSite, script, { AGL_HOOKS: '0' })).stdout).toBe('False\n')
  })

  it('goes on when a hook fails, and says so in one line', async () => {
    const folder = tempDir()
    mkdirSync(join(folder, 'openai'))
    writeFileSync(join(folder, 'openai', '__init__.py'), 'from . import _base_client\n')
    writeFileSync(join(folder, 'openai', '_base_client.py'), 'HERE = 1\n')
    const ended = await runWith(`${hooksSite}:${folder}`, 'import openai; print(openai._base_client.HERE)')
    expect(ended.stdout).toBe('1\n')
    expect(ended.stderr).toMatch(
      /^agentlightning: hooking openai\._base_client failed and was left out: .*\n$/,
    )
  })

  it('passes on its status, its output and its own exceptions', async () => {
    const ended = await runWith(hooksSite, 'print("out"); raise SystemExit(7)')
    expect(ended).toMatchObject({ code: 7, stdout: 'out\n', stderr: '' })
    expect((await runWith(hooksSite, '1/0')).stderr).not.toContain('agentlightning')
  })
})

const workers = `
import multiprocessing, sys

def look():
    print("agentlightning_hooks" in sys.modules, flush=True)

if __name__ == "__main__":
    look()
    for way in ("fork", "spawn"):
        worker = multiprocessing.get_context(way).Process(target=look)
        worker.start()
        worker.join()
`

function runWith(pythonPath: string, script: string, env: Record<string, string> = {}): Promise<Ended> {
  return runProgram(python.path, ['-c', script], { env: { ...quiet, PYTHONPATH: pythonPath, ...env } })
}

function caseOf(name: string, value: unknown): Case {
  const isFrames = Array.isArray(value) && JSON.stringify(value).includes('"delta"')
  const given = isFrames ? { frames: value as unknown[] } : { reply: value }
  return { name, given, tokens: extractReply(Buffer.from(JSON.stringify(value))) }
}

/** Null in place of every list of plain values. */
function nulled(value: unknown): unknown {
  if (Array.isArray(value)) {
    const holdsObjects = value.some(
      (item) => typeof item === 'object' && item !== null && !Array.isArray(item),
    )
    return holdsObjects ? value.map(nulled) : null
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, nulled(member)]))
}

function framesOf(text: string): unknown[] {
  const data = [...text.matchAll(/^data: ?(.*)$/gm)].map(([, line]) => line as string)
  return data.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as unknown)
}

async function expectTheSame(cases: readonly Case[]): Promise<void> {
  const input = cases.map(({ given }) => `${JSON.stringify(given)}\n`).join('')
  const lines = (await runWithInput(join(hooksFolder, 'tests', 'read_replies.py'), input)).trim().split('\n')
  const list = (values: Iterable<number> | undefined) => (values === undefined ? null : [...values])
  const read = lines.map((line) => {
    const { prompt, responses, id } = JSON.parse(line) as { prompt: unknown; responses: object; id: unknown }
    return { prompt, id, responses: Object.entries(responses).filter(([, ids]) => ids !== null) }
  })
  for (const [at, { name, tokens }] of cases.entries())
    expect({ name, ...read[at] }).toEqual({
      name,
      prompt: list(tokens.promptTokenIds),
      id: tokens.responseId ?? null,
      responses: tokens.choices
        .filter(({ responseTokenIds }) => responseTokenIds !== undefined)
        .map(({ index, responseTokenIds }) => [String(index), list(responseTokenIds)]),
    })
  expect(lines).toHaveLength(cases.length)
}

function runWithInput(program: string, input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(python.path, [program], { env: quiet, stdio: ['pipe', 'pipe', 'inherit'] })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    child.once('error', reject)
    child.once('close', () => resolve(output))
    child.stdin.end(input)
  })
}
