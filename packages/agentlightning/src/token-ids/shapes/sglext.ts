// `sglext`: SGLang's extension of chat replies, the only ids of its chat streams: one frame without choices,
// after the one with the finish reason.
import { listsOf } from '../id-list.ts'
import { objectOf } from '../json.ts'
import type { Shape } from './shape.ts'

export const sglext: Shape = {
  name: 'sglext',
  title: 'SGLang chat: sglext.input_ids and sglext.output_ids',
  gives: ['prompt', 'response'],
  read({ object }, finds) {
    const extension = objectOf(object.sglext)
    if (!extension) return
    finds.prompt(extension.input_ids, 'sglext.input_ids')
    for (const [choice, ids] of listsOf(extension.output_ids).entries())
      finds.responseSoFar(choice, ids, `sglext.output_ids[${choice}]`)
  },
}
