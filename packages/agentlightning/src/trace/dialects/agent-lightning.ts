// What our own hooks, the gateway and other recorders of token ids write: numbers of ids, not the ids.
import { begun, choiceField, choiceIds, type Dialect, ids, LAST_CHOICE, label, type Rule } from './dialect.ts'

const choices = Array.from({ length: LAST_CHOICE + 1 }, (_, index) => index)
const output = 'agentlightning.operation.output'

/** Names that the hooks write: choice 0 without a number, the others with theirs. */
export const agentLightning: Dialect = {
  id: 'agent-lightning',
  title: 'Agent Lightning',
  span: [
    ids('prompt_token_ids', 'promptIds'),
    ids('response_token_ids', 'responseIds'),
    ...choices.map((choice) => ids(`response_token_ids.${choice}`, choiceField(choice))),
    ...choices.map((choice) => begun(`partial_response_token_ids${choice === 0 ? '' : `.${choice}`}`)),
  ],
  // Rollout and attempt are named as Agent Lightning 0.3 names them in the resource of its spans.
  resource: [
    label('agentlightning.run_id', 'run'),
    label('agentlightning.rollout_id', 'rollout'),
    label('agentlightning.attempt_id', 'attempt'),
  ],
}

/** Agent Lightning 0.3 on Weave spans: the reply with the path to each member as its key. */
const weave: readonly Rule[] = [
  ids(`${output}.prompt_token_ids`, 'promptIds'),
  ids(`${output}.response_token_ids`, 'responseIds'),
  ...choices.flatMap((choice) => [
    ids(`${output}.response_token_ids.${choice}`, choiceField(choice)),
    ids(`${output}.choices.${choice}.token_ids`, choiceField(choice)),
    ids(`${output}.choices.${choice}.provider_specific_fields.token_ids`, choiceField(choice)),
  ]),
]

/** Agent Lightning 0.3 on LiteLLM's spans: what Python prints; the key names the provider of the model. */
const litellm: readonly Rule[] = ['hosted_vllm', 'openai'].flatMap((provider) => [
  ids(`llm.${provider}.prompt_token_ids`, 'promptIds'),
  ids(`llm.${provider}.response_token_ids`, 'responseIds'),
  choiceIds(`llm.${provider}.choices`),
])

/** Names of other recorders: Agent Lightning 0.3 on Weave and LiteLLM spans, ATIF, NeMo Gym. */
export const otherTokenIds: Dialect = {
  id: 'token-ids',
  title: 'token-id recorders',
  span: [
    ...weave,
    ...litellm,
    ids('completion_token_ids', 'responseIds'),
    ids('generation_token_ids', 'responseIds'),
  ],
}
