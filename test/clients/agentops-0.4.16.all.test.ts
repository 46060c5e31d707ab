import { describeAgentOps } from './agentops-suite.ts'

await describeAgentOps({
  version: '0.4.16',
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
      ['failing.session', 'Indeterminate'],
      ['inner.session', 'Success'],
      ['separate-0.session', 'Success'],
      ['separate-1.session', 'Fail'],
      ['separate-2.session', 'Indeterminate'],
      ['session.session', 'Success'],
    ],
  },
  ownWarnings: [
    // What it says at INFO.
    /Successfully instrumented/,
    // The program's own failures, logged by the decorator and by the OpenAI instrumentation.
    /Error in sync function execution: no luck: as planned/,
    /\[OPENAI WRAPPER\] Error in chat_completion_stream_wrapper: Error code: (500|429)/,
    // The program uses the interface of the versions before 0.4 as well.
    /(ActionEvent|record|start_session|end_session)\(\) is deprecated/,
    // Spans of generators and of collected objects end in another context than they began in.
    /^ERROR opentelemetry\.context: Failed to detach context$/,
    // It shuts its meters down twice at exit.
    /shutdown can only be called once/,
  ],
  hardCoded: { nested: [], separate: [] },
})
