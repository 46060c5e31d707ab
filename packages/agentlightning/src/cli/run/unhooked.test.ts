import { expect, test } from 'vitest'
import { flagAgainstHooks } from './unhooked.ts'

test.each([
  ['python -I agent.py', '-I'],
  ['/usr/bin/python3.12 -u -E -m agent', '-E'],
  ['pypy3 -sS agent.py', '-S'],
  ['python -W error -X dev -Iu agent.py', '-I'],
  ['python -Xdev -Werror -I -', '-I'],
  ['python --check-hash-based-pycs always -S agent.py', '-S'],
  ['python agent.py -I', undefined],
  ['python -c EIS -I', undefined],
  ['python -mSIE', undefined],
  ['python -W I agent.py', undefined],
  ['python -XI agent.py -E', undefined],
  ['python -P -B -OO agent.py', undefined],
  ['python - -I', undefined],
  ['python -- -I', undefined],
  ['python', undefined],
  ['pythonic -I', undefined],
  ['sh -E', undefined],
])('%s: %s', (command, flag) => {
  expect(flagAgainstHooks(command.split(' '))).toBe(flag)
})
