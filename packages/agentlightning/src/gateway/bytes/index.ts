// The byte level of the gateway: what to ask for, how to write it into a request, how to cut it from the reply.
export { cutPlain } from './cut-plain.ts'
export { askFor } from './flags/ask-for.ts'
export { insertMembers } from './insert-members.ts'
export { readRequest } from './read-request.ts'
export { cutRulesFor } from './rules/cut-rules-for.ts'
export { StreamCutter } from './stream-cutter.ts'
export type {
  Backend,
  CutRules,
  InsertedMember,
  RequestMembers,
} from './types.ts'
