import { describe, expect, it } from 'vitest'
import { derive } from './json-span.ts'

describe('errors', () => {
  const failed = { code: 2 }
  const exception = (type: string, message: string) => ({
    name: 'exception',
    attributes: { 'exception.type': type, 'exception.message': message },
  })

  it('come from the status, in one line without control characters', () => {
    const message = 'ValueError: \u001b[31mbad\u001b[0m\n\tcity\u0007'
    expect(derive({}, { status: { code: 2, message } }).error).toBe('ValueError: bad city')
  })

  it('come from the first exception where the status says nothing', () => {
    const events = [
      { name: 'log', attributes: { 'exception.type': 'No' } },
      exception('KeyError', "'city'"),
      exception('Other', 'later'),
    ]
    expect(derive({}, { status: { ...failed, message: ' \n' }, events }).error).toBe("KeyError: 'city'")
  })

  it('take what there is of an exception', () => {
    expect(derive({}, { status: failed, events: [exception('KeyError', '')] }).error).toBe('KeyError')
    expect(derive({}, { status: failed, events: [exception('', 'no city')] }).error).toBe('no city')
    expect(derive({}, { status: failed }).error).toBeUndefined()
  })

  it('are none unless the status is error', () => {
    expect(
      derive({}, { status: { code: 1, message: 'fine' }, events: [exception('E', 'handled')] }).error,
    ).toBeUndefined()
  })

  it('have at most 500 characters', () => {
    expect(derive({}, { status: { code: 2, message: 'x'.repeat(500) } }).error).toBe('x'.repeat(500))
    expect(derive({}, { status: { code: 2, message: 'x'.repeat(1_000_000) } }).error).toBe(
      `${'x'.repeat(499)}…`,
    )
  })
})
