import { describeAgentOps } from './agentops-suite.ts'

await describeAgentOps({
  version: '0.4.13',
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
      'failing.session',
      'fan_out.task',
      'inner.session',
      'numbers.task',
      'openai.chat.completion',
      'openai.chat.completion',
      'openai.chat.completion',
      'openai.chat.completion',
      'openai.chat.completion',
      'openai.chat.completion',
      'pipeline.workflow',
      'program.session',
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
      'failing.session',
      'inner.session',
      'separate-0.session',
      'separate-1.session',
      'separate-2.session',
      'session.session',
    ],
    traces: [
      ['failing.session', 'Failure'],
      ['inner.session', 'Success'],
      ['separate-0.session', 'Success'],
      ['separate-1.session', 'Fail'],
      ['separate-2.session', 'Indeterminate'],
      ['session.session', 'Success'],
    ],
  },
  ownWarnings: [
    // The program's own failure, logged by the decorator.
    /Error in sync function execution: no luck: as planned/,
    // The metrics of its OpenAI calls go to a host that no setting moves, and that the witness keeps away.
    /^ERROR opentelemetry\.sdk\.metrics\._internal\.export: Exception while exporting metrics$/,
    // Spans of generators and of collected objects end in another context than they began in.
    /^ERROR opentelemetry\.context: Failed to detach context$/,
    // It shuts its meters down twice at exit.
    /shutdown can only be called once/,
  ],
  hardCoded: { nested: ['otlp.agentops.ai:443'], separate: [] },
})
