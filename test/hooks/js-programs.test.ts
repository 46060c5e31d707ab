import { describe } from 'vitest'
import { root } from '../support/agl.ts'
import { jsHooks } from '../support/js-hooks.ts'
import { describePrograms } from './js-programs-suite.ts'

describe('under the hooks', () => {
  describePrograms({ node: process.execPath, hooks: jsHooks(), folder: root })
})
