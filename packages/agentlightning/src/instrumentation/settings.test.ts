import { describe, expect, it } from 'vitest'
import { isWanted, makeVoice, readSettings } from './settings.ts'

describe('readSettings', () => {
  it('asks servers and says nothing unless told otherwise', () => {
    expect(readSettings({})).toEqual({ requestFlag: true, debug: false, serverUrl: undefined, content: true })
  })

  it.each(['0', 'false', 'No', 'OFF'])('takes %s as off', (text) => {
    const env = { AGL_HOOKS_REQUEST_FLAG: text, TRACELOOP_TRACE_CONTENT: text }
    expect(readSettings(env)).toMatchObject({ requestFlag: false, content: false })
  })

  it('prefers AGL_SERVER_URL, and takes no URL that is none', () => {
    const both = { AGL_SERVER_URL: 'http://a:1/', AGENTOPS_API_ENDPOINT: 'http://b:2' }
    expect(readSettings(both).serverUrl).toBe('http://a:1')
    expect(readSettings({ ...both, AGL_SERVER_URL: 'a:1' }).serverUrl).toBe('http://b:2')
  })
})

describe('isWanted', () => {
  it.each(['0', 'false', 'No', 'OFF', ''])('takes %j as no', (AGL_HOOKS) => {
    expect(isWanted({ AGL_HOOKS })).toBe(false)
  })

  it.each([undefined, '1', 'yes'])('takes %j as yes', (AGL_HOOKS) => {
    expect(isWanted({ AGL_HOOKS })).toBe(true)
  })
})

describe('makeVoice', () => {
  it('warns once, and says more only where it is asked to', () => {
    const lines: string[] = []
    const quiet = makeVoice(readSettings({}), (line) => lines.push(line))
    quiet.debug('no')
    quiet.warn('yes')
    quiet.warn('yes')
    makeVoice(readSettings({ AGL_HOOKS_DEBUG: '1' }), (line) => lines.push(line)).debug('more')
    expect(lines).toEqual(['agentlightning: yes\n', 'agentlightning: more\n'])
  })

  it('does not fail where nobody listens', () => {
    const closed = (): never => {
      throw new Error('EPIPE')
    }
    expect(() => makeVoice(readSettings({}), closed).warn('text')).not.toThrow()
  })
})
