// `choices[].provider_specific_fields.token_ids`: LiteLLM moves the members that it does not know there.
import { objectOf } from '../json.ts'
import type { Shape } from './shape.ts'

export const providerSpecificFields: Shape = {
  name: 'choices[].provider_specific_fields.token_ids',
  title: 'LiteLLM: provider_specific_fields.token_ids of each choice',
  gives: ['response'],
  read({ choices }, finds) {
    for (const { index, object, path } of choices) {
      const ids = objectOf(object.provider_specific_fields)?.token_ids
      finds.response(index, ids, `${path}.provider_specific_fields.token_ids`)
    }
  },
}
