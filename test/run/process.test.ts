// What `agl run` is to the shell that calls it: the program itself, with its streams, its signals and its end.
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aglBin, isRunning, startServer, type TestServer, tempDir, testEnv, until } from '../support/agl.ts'
import { runProgram } from '../support/run-program.ts'
import { agl, programFolder, startRun, summaryOf } from './support.ts'

let server: TestServer

beforeAll(async () => {
  server = await startServer()
})
afterAll(async () => {
  await server.stop()
})

const quiet = () => ['--quiet', '--data-dir', server.dataDir, '--']

/** Writes each signal that it gets into a file, and ends with 7 after SIGTERM or SIGINT. */
const listener = `import os, signal, sys, time
out = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
# A signal may come while one is written down: a buffered file would not bear it.
def write(line):
    os.write(out, line.encode() + b"\\n")
def note(number, _):
    write(signal.Signals(number).name)
    if number in (signal.SIGTERM, signal.SIGINT):
        time.sleep(0.5)
        os._exit(7)
for name in ("SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1", "SIGUSR2"):
    signal.signal(getattr(signal, name), note)
write("pid %d" % os.getpid())
while True:
    time.sleep(1)
`

function lines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean)
  } catch {
    return []
  }
}

/** True once the guard of a program is there (Linux): it is started right after the program. */
function isWatched(pid: number): boolean {
  return readdirSync('/proc').some((each) => {
    try {
      return readFileSync(`/proc/${each}/cmdline`, 'utf8').endsWith(`\0agl-run-guard\0${pid}\0`)
    } catch {
      return false
    }
  })
}

async function startListener(): Promise<{ child: ReturnType<typeof startRun>; file: string; pid: number }> {
  const file = join(tempDir(), 'seen')
  const child = startRun([...quiet(), 'python3', '-c', listener, file])
  const pid = await until('it listens', () => /^pid (\d+)$/m.exec(lines(file).join('\n'))?.[1])
  return { child, file, pid: Number(pid) }
}

test('streams pass untouched, binary and large', async () => {
  const text = `${'ü0123456789'.repeat(50_000)}\n`
  const ended = await agl([...quiet(), 'sh', '-c', 'cat; echo problem >&2'], { stdin: text })
  expect(ended.stdout === text).toBe(true)
  expect(ended.stderr).toBe('problem\n')
})

test('the JSON of the summary is the last line, also where the program left one unfinished', async () => {
  const args = ['--json', '--data-dir', server.dataDir, '--', 'sh', '-c', 'printf half >&2; exit 3']
  const ended = await agl(args)
  expect(ended.stderr).toMatch(/^half\n\{.*\}\n$/)
  expect(summaryOf(ended)).toMatchObject({ exitStatus: 3, recorded: { calls: 0 }, traces: [] })
})

test('options behind the command are the command’s, with and without --', async () => {
  const args = ['--data-dir', server.dataDir, '--quiet']
  const command = ['sh', '-c', 'echo "$@"', 'sh', '--json', '-h', '--', 'x y']
  expect((await agl([...args, ...command])).stdout).toBe('--json -h -- x y\n')
  expect((await agl([...args, '--', ...command])).stdout).toBe('--json -h -- x y\n')
})

for (const status of [0, 1, 42, 255]) {
  test(`exit status ${status} passes`, async () => {
    expect((await agl([...quiet(), 'sh', '-c', `exit ${status}`])).code).toBe(status)
  })
}

test('a program that a signal ends gives 128 + n, as in a shell', async () => {
  const ended = await agl(['--json', '--data-dir', server.dataDir, '--', 'sh', '-c', 'kill -KILL $$'])
  expect(ended.code).toBe(137)
  expect(summaryOf(ended)).toMatchObject({ exitStatus: 137, signal: 'SIGKILL' })
  expect((await agl([...quiet(), 'sh', '-c', 'kill -SEGV $$'])).code).toBe(139)
})

test('a program that SIGINT ends takes agl along, so that a loop of the shell stops', async () => {
  const ended = await agl(['--json', '--data-dir', server.dataDir, '--', 'sh', '-c', 'kill -INT $$'])
  expect([ended.code, ended.signal]).toEqual([null, 'SIGINT'])
  expect(summaryOf(ended)).toMatchObject({ exitStatus: 130, signal: 'SIGINT' })
})

test('a command that does not exist is 127, one that cannot be executed 126, each said in a line', async () => {
  const folder = tempDir()
  const plain = join(folder, 'plain')
  writeFileSync(plain, 'text')
  const orphan = join(folder, 'orphan')
  writeFileSync(orphan, '#!/no/such/interpreter\n')
  chmodSync(orphan, 0o755)
  const cases = [
    ['no-such-command-here', 127, /^no-such-command-here: command not found\..*\[AGL_COMMAND_NOT_FOUND\]\n$/],
    ['', 127, /^'': command not found\./],
    [join(folder, 'none'), 127, /none: no such file\./],
    [orphan, 127, /orphan: its interpreter \(first line\) was not found\./],
    [plain, 126, /plain cannot be executed: permission denied\./],
    [folder, 126, /cannot be executed: it is a folder\./],
  ] as const
  for (const [command, code, said] of cases) {
    const ended = await agl([...quiet(), command])
    expect(ended.stderr).toMatch(said)
    expect(ended.code, command).toBe(code)
  }
  const runs = (await (await fetch(`${server.url}/api/v1/gateway/runs`)).json()) as { runs: unknown[] }
  expect(runs.runs).toEqual([])
})

test('a current folder that was removed matters only where the data directory depends on it', async () => {
  const script = 'mkdir gone && cd gone && rmdir ../gone && exec "$@"'
  const inRemoved = (args: readonly string[]) =>
    runProgram('sh', ['-c', script, 'sh', process.execPath, aglBin, 'run', ...args], {
      cwd: tempDir(),
      env: testEnv(),
    })
  expect((await inRemoved([...quiet(), 'sh', '-c', 'exit 4'])).code).toBe(4)
  const lost = await inRemoved(['--data-dir', 'here', '--', 'true'])
  expect(lost.stderr).toMatch(/current folder no longer exists.*\[AGL_BAD_ARGUMENT\]/)
  expect(lost.code).toBe(2)
})

test('a wrong command line is 2, and starts nothing', async () => {
  const cases = [
    [[], /missing required argument 'command'/],
    [['--upstream', 'nonsense', '--', 'true'], /--upstream nonsense.*is not understood/],
    [['--no-gateway', '--upstream', 'http://localhost:1', '--', 'true'], /means nothing with --no-gateway/],
    [['--tag', 'a,b', '--', 'true'], /--tag.*without a comma/],
    [['--rollout', '', '--', 'true'], /--rollout.*1 to 256 characters/],
    [['--attempt', 'a\nb', '--', 'true'], /--attempt.*without a line break/],
    [['--nonsense', '--', 'true'], /unknown option '--nonsense'/],
  ] as const
  for (const [args, said] of cases) {
    const ended = await agl(args, { env: { AGL_DATA_DIR: join(tempDir(), 'never') } })
    expect(ended.stderr).toMatch(said)
    expect(ended.code).toBe(2)
  }
})

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal} to agl reaches the program once, and its status is waited for`, async () => {
    const { child, file, pid } = await startListener()
    child.kill(signal)
    await until('its end', () => child.exitCode !== null)
    expect(child.exitCode).toBe(7)
    expect(lines(file)).toEqual([`pid ${pid}`, signal])
    expect(isRunning(pid)).toBe(false)
  })
}

test('signals that a program may use for itself pass', async () => {
  const { child, file, pid } = await startListener()
  for (const signal of ['SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const) {
    child.kill(signal)
    await until(`${signal} is there`, () => lines(file).includes(signal))
  }
  child.kill('SIGTERM')
  await until('its end', () => child.exitCode !== null)
  expect(lines(file)).toEqual([`pid ${pid}`, 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGTERM'])
})

test('kill -9 of agl does not leave the program behind, even one that ignores SIGTERM', async () => {
  const file = join(tempDir(), 'seen')
  const stubborn = 'trap "" TERM; echo "pid $$" > "$0"; while :; do sleep 0.2; done'
  const child = startRun([...quiet(), 'sh', '-c', stubborn, file])
  const pid = Number(await until('it runs', () => /pid (\d+)/.exec(lines(file).join(''))?.[1]))
  await until('it is watched', () => isWatched(pid))
  child.kill('SIGKILL')
  await until('it is gone', () => !isRunning(pid), 40_000)
})

test('Ctrl-C in a terminal reaches the program once, by its process group', async () => {
  const folder = programFolder({ 'listener.py': listener, 'terminal.py': terminal })
  const file = join(folder, 'seen')
  const command = [process.execPath, aglBin, 'run', ...quiet(), 'python3', join(folder, 'listener.py'), file]
  const ended = await runProgram('python3', [join(folder, 'terminal.py'), file, ...command], {
    env: testEnv(),
    timeoutMs: 60_000,
  })
  expect(ended.stdout.trim()).toBe('7')
  expect(lines(file).slice(1)).toEqual(['SIGINT'])
})

test('a program has the terminal to itself: its size, its changes, and its raw mode', async () => {
  const folder = programFolder({ 'screen.py': screen, 'window.py': window })
  const command = [process.execPath, aglBin, 'run', ...quiet(), 'python3', join(folder, 'screen.py')]
  const ended = await runProgram('python3', [join(folder, 'window.py'), ...command], {
    env: testEnv(),
    timeoutMs: 60_000,
  })
  expect(ended.stdout.trim().split(/\s*\n\s*/)).toEqual(['3 33x99', "b'\\x03'", '44x111', '0'])
})

/** Prints how many of its streams are a terminal and its size, then a byte read in raw mode, then the new size. */
const screen = `import os, signal, sys, time, tty
size = lambda: "%dx%d" % (os.get_terminal_size().lines, os.get_terminal_size().columns)
changed = lambda *_: (os.write(1, size().encode() + b"\\n"), os._exit(0))
signal.signal(signal.SIGWINCH, changed)
tty.setraw(0)
print(sum(os.isatty(n) for n in range(3)), size(), flush=True)
print(os.read(0, 10), flush=True)
while True:
    time.sleep(0.1)
`

/** Runs a command in a window of its own, types Ctrl-C after the first line, and resizes after the second. */
const window = `import fcntl, os, pty, struct, sys, termios
read_end, write_end = os.pipe()
pid, terminal = pty.fork()
if pid == 0:
    os.read(read_end, 1)
    os.execvp(sys.argv[1], sys.argv[1:])
def resize(lines, columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
resize(33, 99)
os.write(write_end, b"g")
seen = b""
actions = [lambda: os.write(terminal, b"\\x03"), lambda: resize(44, 111)]
while True:
    try:
        part = os.read(terminal, 4096)
    except OSError:
        break
    if not part:
        break
    seen += part
    while actions and seen.count(b"\\n") > 2 - len(actions):
        actions.pop(0)()
sys.stdout.buffer.write(seen)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`

/** Runs a command in a terminal of its own, types Ctrl-C once it listens, and prints its exit status. */
const terminal = `import os, pty, sys, time
seen, command = sys.argv[1], sys.argv[2:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(command[0], command)
while not (os.path.exists(seen) and "pid" in open(seen).read()):
    time.sleep(0.05)
time.sleep(0.2)
os.write(terminal, b"\\x03")
while True:
    try:
        if not os.read(terminal, 4096):
            break
    except OSError:
        break
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`
