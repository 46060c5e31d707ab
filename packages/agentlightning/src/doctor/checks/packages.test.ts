import { describe, expect, it } from 'vitest'
import { checkNodePackages, checkPython, type Packages } from './packages.ts'
import { atLeast, numbersOf, within } from './versions.ts'

const python = (packages: Packages, hooked = false) =>
  checkPython({ executable: '/bin/python', version: '3.12.1', packages, hooked })
const codes = (packages: Packages) =>
  python(packages).flatMap(({ code, level }) => (level === 'info' ? [] : [code]))

describe('versions', () => {
  it('are compared by their numbers', () => {
    expect(numbersOf('0.4.21rc1')).toEqual([0, 4, 21])
    expect(numbersOf('unknown')).toEqual([])
    expect(atLeast('1.45.0', '1.45')).toBe(true)
    expect(atLeast('1.9', '1.45')).toBe(false)
    expect(atLeast('1.100', '1.45')).toBe(true)
    expect(within('0.4.20', '0.4.19', '0.4.21')).toBe(true)
    expect(within('0.4.22', '0.4.19', '0.4.21')).toBe(false)
  })
})

describe('Python', () => {
  const exporter = 'opentelemetry-exporter-otlp-proto-http'

  it('without packages, or none at all, says nothing', () => {
    expect(python({})).toEqual([])
    expect(checkPython(undefined)).toEqual([])
  })

  it('with AgentOps and an exporter that do not go together exports nothing', () => {
    expect(codes({ agentops: '0.4.21', [exporter]: '1.45.2' })).toEqual(['python.exports_nothing'])
    expect(codes({ agentops: '0.4.21', [exporter]: '1.44.0' })).toEqual(['python.ok'])
    expect(codes({ agentops: '0.4.18', [exporter]: '1.45.2' })).toEqual(['python.ok'])
  })

  it.each([
    [{ agentops: '0.3.10' }, ['stops for ever', 'not recorded', 'with_raw_response']],
    [{ agentops: '0.3.26' }, ['not recorded', 'with_raw_response', 'stays open']],
    [{ agentops: '0.4.0' }, ['python-dotenv', 'decorators', 'gets lost']],
    [{ agentops: '0.4.3' }, ['gets lost']],
    [{ agentops: '0.4.7' }, ['openai-agents']],
    [{ agentops: '0.4.7', 'openai-agents': '0.2.10' }, []],
    [{ agentops: '0.4.12', openai: '1.84.0' }, ['otlp.agentops.ai']],
    [{ agentops: '0.4.15', openai: '1.84.0' }, ['streamed replies are not recorded']],
    [{ agentops: '0.4.5' }, ['AttributeError']],
    [{ agentops: '0.4.13' }, ['TypeError']],
    [{ agentops: '0.4.15' }, ['streamed replies are not recorded']],
    [{ agentops: '0.4.16', openai: '2.1.0' }, ['Responses API']],
    [{ agentops: '0.4.21', langchain: '1.4.7', langgraph: '1.2.22' }, ['ValueError']],
  ])('with %j is told what is known', (packages: Packages, problems) => {
    const found = python(packages).filter(({ level }) => level === 'warn')
    expect(found.map(({ code }) => code)).toEqual(problems.map(() => 'python.known_problem'))
    found.forEach(({ sentence, todo }, at) => {
      expect(sentence).toContain(problems[at])
      expect(todo).toMatch(/\.$/)
    })
  })

  it('under our hooks is not told what they mend, and of the rest all the same', () => {
    const packages = { agentops: '0.4.21', [exporter]: '1.45.2', openai: '3.54.0' }
    expect(python(packages, true).map(({ level }) => level)).toEqual(['ok', 'info'])
    for (const agentops of ['0.4.5', '0.4.12', '0.4.15'])
      expect(python({ agentops, openai: '1.84.0' }, true).map(({ level }) => level)).toEqual(['ok', 'info'])
    expect(python({ agentops: '0.4.13' }, true)[0]?.sentence).toContain('TypeError')
  })

  it('with AgentOps that misplaces spans is told so in a note, and is in order', () => {
    expect(python({ agentops: '0.4.18' })).toMatchObject([
      { code: 'python.ok' },
      { code: 'python.known_problem', level: 'info', sentence: expect.stringContaining('generator') },
    ])
  })

  it('with nothing known to be wrong is listed', () => {
    expect(python({ agentops: '0.4.18', openai: '2.1.0' })[0]?.sentence).toContain('openai 2.1.0')
    expect(codes({ openai: '2.1.0' })).toEqual(['python.ok'])
  })
})

describe('Node packages', () => {
  it('are listed, and AgentOps is told how it gets its address', () => {
    const url = 'http://localhost:8002'
    expect(checkNodePackages({}, '/app', url, false)).toEqual([])
    expect(checkNodePackages({ openai: '6.0.0' }, '/app', url, false)).toMatchObject([
      { code: 'js.ok', level: 'ok', sentence: 'In /app: openai 6.0.0.' },
    ])
    const both = { agentops: '0.1.0', '@openai/agents': '0.0.1' }
    const found = checkNodePackages(both, '/app', url, false)
    expect(found.map(({ code }) => code)).toEqual([
      'js.no_variables',
      'js.known_problem',
      'js.known_problem',
      'js.ok',
    ])
    expect(found.map(({ level }) => level)).toEqual(['info', 'warn', 'info', 'ok'])
    expect(found[0]?.todo).toContain('otlpEndpoint: "http://localhost:8002"')
    const hooked = checkNodePackages(both, '/app', url, true)
    expect(hooked.map(({ code }) => code)).toEqual(['js.known_problem', 'js.known_problem', 'js.ok'])
    expect(checkNodePackages({ agentops: '0.1.0' }, '/app', url, true)).toMatchObject([
      { code: 'js.known_problem', level: 'info', sentence: expect.stringContaining('process.exit()') },
      { code: 'js.ok' },
    ])
  })
})
