// What NODE_OPTIONS loads into every Node that a program starts, however old it is and whatever it may read. None of
// them may fail by what it never asked for: only syntax that old ones know too, and a failure is one line.
'use strict'

const found = process.versions.node
// A checkout holds sources, which only newer ones run: the others go without the hooks there.
const isCheckout = /[\\/]instrumentation$/.test(__dirname)
const { AGL_HOOKS = '1' } = process.env
const isWanted = !/^(0|false|no|off|)$/i.test(AGL_HOOKS)

if (isWanted && Number(found.split('.')[0]) < 18) {
  console.error(
    `agentlightning: Node ${found} is older than the hooks (18): its calls are recorded by the gateway alone`,
  )
} else if (isWanted && (!isCheckout || process.features.typescript)) {
  try {
    require(isCheckout ? './register.ts' : './register.cjs')
  } catch (error) {
    const { code, message } = Object(error)
    const reason =
      code === 'ERR_ACCESS_DENIED' ? `--allow-fs-read=${__dirname} would let them in` : message || error
    console.error(`agentlightning: the hooks were not loaded: ${reason}`)
  }
}
