import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { tempDir } from '../support/agl.ts'
import { describePreload } from './js-preload-suite.ts'

describe('the hooks in NODE_OPTIONS', () => {
  const { run, hooksFolder } = describePreload(process.execPath)

  it('a program that may read nothing else runs, is told why it has no hooks, and how it gets them', async () => {
    const program = join(tempDir(), 'program.cjs')
    writeFileSync(program, 'console.log(7)')
    const denied = await run(['--permission', program])
    expect(denied).toMatchObject({ code: 0, stdout: '7\n' })
    expect(denied.stderr).toContain(`--allow-fs-read=${hooksFolder()} would let them in`)
    const allowed = await run(['--permission', `--allow-fs-read=${hooksFolder()}`, program])
    expect(allowed).toMatchObject({ code: 0, stdout: '7\n' })
    expect(allowed.stderr).not.toContain('agentlightning:')
  })
})
