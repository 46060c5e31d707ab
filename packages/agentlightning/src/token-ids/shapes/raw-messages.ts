// `input_messages` and `output_messages` of a response: vLLM's Responses API with `enable_response_messages`; in a
// stream only the event `response.completed` has them. A response of several turns has several messages each.
import { listOf } from '../json.ts'
import { pluck, type Shape } from './shape.ts'

export const rawMessages: Shape = {
  name: 'raw_message_tokens',
  title: 'vLLM Responses: tokens of input_messages and output_messages',
  gives: ['prompt', 'response'],
  read({ object, choice }, finds) {
    finds.prompt(tokensOf(object.input_messages), 'input_messages[].tokens')
    finds.responseSoFar(choice, tokensOf(object.output_messages), 'output_messages[].tokens')
  },
}

/** The tokens of all messages in one list; the first value that is no list where there is one. */
function tokensOf(messages: unknown): unknown {
  if (!Array.isArray(messages)) return messages
  const lists = pluck(listOf(messages), 'tokens').filter((tokens) => tokens !== undefined && tokens !== null)
  return lists.find((tokens) => !Array.isArray(tokens)) ?? lists.flat()
}
