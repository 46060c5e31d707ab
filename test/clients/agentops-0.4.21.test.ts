import { describeAgentOps } from './agentops-suite.ts'

await describeAgentOps({
  version: '0.4.21',
  nested: {
    spans: [
      'Researcher.agent',
      'add.task',
      'add.task',
      'add_later.task',
      'add_later.task',
      'add_later.task',
      'ask.task',
      'ask_in_vain.task',
      'ask_in_vain.task',
      'ask_streamed.task',
      'ask_with_tool.task',
      'broken_tool.tool',
      'enrich.task',
      'failing.session',
      'fan_out.task',
      'inner.session',
      'no_secrets.guardrail',
      'numbers.task',
      'openai.chat.completion',
      'openai.chat.completion',
      'openai.chat.completion',
      'openai.chat.completion',
      'openai.chat.completion',
      'openai.chat.completion',
      'pipeline.workflow',
      'program.session',
      'tool_call.get_weather',
      'weather.tool',
    ],
    traces: [['program.session', 'Shutdown']],
  },
  separate: {
    spans: [
      'add.task',
      'add.task',
      'add.task',
      'add.task',
      'add.task',
      'add.task',
      'failing.session',
      'inner.session',
      'separate-0.session',
      'separate-1.session',
      'separate-2.session',
      'separate-3.session',
      'with-block.session',
    ],
    traces: [
      ['failing.session', 'Indeterminate'],
      ['inner.session', 'Success'],
      ['separate-0.session', 'Success'],
      ['separate-1.session', 'Fail'],
      ['separate-2.session', 'Indeterminate'],
      // An end state given as an enum is no legal attribute: the SDK drops it.
      ['separate-3.session', null],
      ['with-block.session', null],
    ],
  },
  ownWarnings: [
    // The program's own failures, logged by the decorators and the OpenAI hook.
    /Error in sync function execution: no luck: as planned/,
    /Error in chat_completion_stream_wrapper: Error code: (500|429)/,
    // It looks for a module that newer openai packages no longer have.
    /Error setting up OpenAI streaming wrappers: No module named 'openai\.resources\.beta\.chat'/,
    // It sets enum objects as attributes.
    /Invalid type (AgentOpsSpanKindValues|StatusCode|TraceState) for attribute/,
    // Spans of generators and of collected objects end in another context than they began in.
    /^ERROR opentelemetry\.context: Failed to detach context$/,
    // It shuts its meters down twice at exit.
    /shutdown can only be called once/,
  ],
  hardCoded: { nested: [], separate: [] },
})
