// What our own hooks, the gateway and other recorders of token ids write: numbers of ids, not the ids.
import { type Dialect, ids, LAST_CHOICE } from './dialect.ts'

const choices = Array.from({ length: LAST_CHOICE }, (_, index) => index + 1)

/** Names that the hooks write: choice 0 without a number, the others with theirs. */
export const agentLightning: Dialect = {
  id: 'agent-lightning',
  title: 'Agent Lightning',
  span: [
    ids('prompt_token_ids', 'promptIds'),
    ids('response_token_ids', 'responseIds'),
    ids('response_token_ids.0', 'responseIds'),
    ...choices.map((choice) =>
      ids(`response_token_ids.${choice}`, `responseIds.${choice}` as 'responseIds.1'),
    ),
  ],
}

/** Names of other recorders: Agent Lightning 0.3 on Weave and LiteLLM spans, ATIF, NeMo Gym. */
export const otherTokenIds: Dialect = {
  id: 'token-ids',
  title: 'token-id recorders',
  span: [
    ids('agentlightning.operation.output.prompt_token_ids', 'promptIds'),
    ids('agentlightning.operation.output.response_token_ids.0', 'responseIds'),
    ids('agentlightning.operation.output.choices.0.token_ids', 'responseIds'),
    ids('llm.hosted_vllm.prompt_token_ids', 'promptIds'),
    ids('llm.hosted_vllm.response_token_ids', 'responseIds'),
    ids('completion_token_ids', 'responseIds'),
    ids('generation_token_ids', 'responseIds'),
  ],
}
