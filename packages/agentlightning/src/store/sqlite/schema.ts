// Tables of the index. Ids that cross the contract are blobs, everything else refers by small integers; what
// repeats is a row of `string` or `source`. Times are ns since the epoch in SQLite's 64-bit integers: OTLP's
// unsigned times beyond 2^63 (year 2262) are held at that bound, the payload keeps them.

import { looseWaysSql } from './calls/assign.ts'
import { signalSchema } from './signal-schema.ts'
import { namelessSql } from './span-bits.ts'

/** Format of the index. Another number than this one is never read: see `openWriterDatabase`. */
export const indexVersion = 6

/**
 * For finding the spans that tell a response id: made with the first call through the gateway, which alone asks. Such
 * ids are random, so that each one written to it costs a page of its own, as much as the rest of its span.
 */
export const responseIndex =
  'CREATE INDEX IF NOT EXISTS detail_by_response ON detail (response_id) WHERE response_id IS NOT NULL'

/** Creates the tables of an empty database. */
export const schema = `
CREATE TABLE meta (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  version INTEGER NOT NULL,
  position INTEGER NOT NULL,
  change INTEGER NOT NULL,
  traces INTEGER NOT NULL,
  spans INTEGER NOT NULL,
  duplicates INTEGER NOT NULL,
  dropped INTEGER NOT NULL,
  set_aside INTEGER NOT NULL
) STRICT;

CREATE TABLE string (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;

CREATE TABLE project (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  traces INTEGER NOT NULL
) STRICT;

-- What the spans of one record, resource and scope share. Each span's payload lies in 'segment'.
CREATE TABLE source (
  id INTEGER PRIMARY KEY,
  record INTEGER NOT NULL,
  received INTEGER NOT NULL,
  project INTEGER,
  origin INTEGER NOT NULL,
  encoding INTEGER NOT NULL,
  segment INTEGER NOT NULL,
  resource_segment INTEGER,
  resource_offset INTEGER,
  resource_length INTEGER,
  scope_segment INTEGER,
  scope_offset INTEGER,
  scope_length INTEGER,
  scope_name INTEGER NOT NULL,
  service INTEGER NOT NULL,
  session INTEGER NOT NULL,
  user INTEGER NOT NULL,
  tags TEXT,
  run INTEGER NOT NULL,
  rollout INTEGER NOT NULL,
  attempt INTEGER NOT NULL
) STRICT;
-- Whether any resource names a rollout: only then lists of rollouts look at spans.
CREATE INDEX source_by_rollout ON source (rollout) WHERE rollout > 0;

-- 'bits' packs kind, type, status and the usage flags (span-bits.ts).
CREATE TABLE span (
  id INTEGER PRIMARY KEY,
  trace INTEGER NOT NULL,
  span BLOB NOT NULL,
  parent BLOB,
  source INTEGER NOT NULL,
  name INTEGER NOT NULL,
  start INTEGER NOT NULL,
  duration INTEGER NOT NULL,
  offset INTEGER NOT NULL,
  length INTEGER NOT NULL,
  bits INTEGER NOT NULL,
  attributes INTEGER NOT NULL,
  label INTEGER
) STRICT;
CREATE UNIQUE INDEX span_by_id ON span (trace, span);
CREATE INDEX span_by_time ON span (trace, start, span);
-- Type llm alone (span-bits.ts): for lists of calls over all traces.
CREATE INDEX span_call ON span (start) WHERE bits & 504 = 8;
-- By their end: for the gateway calls that ended with them.
CREATE INDEX span_nameless ON span (start + duration) WHERE ${namelessSql('bits')};

-- Sets of string ids that spans have in common (labels.ts); 'key' is the set as text.
CREATE TABLE label (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  provider INTEGER,
  request_model INTEGER,
  response_model INTEGER,
  agent INTEGER,
  tool INTEGER,
  session INTEGER,
  user INTEGER,
  end_state INTEGER,
  tags TEXT
) STRICT;

-- The fields that are a span's own, only for spans that have one. Numbers are REAL: SQLite stores whole ones as
-- integers, and no value is out of range.
CREATE TABLE detail (
  id INTEGER PRIMARY KEY,
  response_id TEXT,
  input REAL,
  output REAL,
  total REAL,
  cache_read REAL,
  cache_write REAL,
  reasoning REAL,
  cost REAL,
  prompt_ids REAL,
  response_ids REAL,
  error TEXT
) STRICT;

-- The summary of a trace, kept at write. 'state' is what the writer needs to go on adding (totals-json.ts).
-- 'models' and 'tags' are string ids between commas: ',3,17,'. 'cost' is in 1e-12 USD.
CREATE TABLE trace (
  id INTEGER PRIMARY KEY,
  trace BLOB NOT NULL,
  project INTEGER NOT NULL,
  project_named INTEGER NOT NULL,
  start INTEGER NOT NULL,
  end INTEGER NOT NULL,
  name INTEGER NOT NULL,
  status INTEGER NOT NULL,
  end_state INTEGER,
  root_known INTEGER NOT NULL,
  spans INTEGER NOT NULL,
  errors INTEGER NOT NULL,
  calls INTEGER NOT NULL,
  tools INTEGER NOT NULL,
  llm_time INTEGER NOT NULL,
  tool_time INTEGER NOT NULL,
  input REAL,
  output REAL,
  total REAL,
  cost INTEGER,
  service INTEGER,
  agent INTEGER,
  session INTEGER,
  user INTEGER,
  models TEXT,
  tags TEXT,
  error TEXT,
  calls_with_ids INTEGER NOT NULL,
  pinned INTEGER NOT NULL,
  pruned INTEGER NOT NULL,
  change INTEGER NOT NULL,
  min_segment INTEGER NOT NULL,
  max_segment INTEGER NOT NULL,
  waiting INTEGER NOT NULL,
  state TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX trace_by_id ON trace (trace);
CREATE INDEX trace_by_start ON trace (start DESC, trace);
CREATE INDEX trace_by_project ON trace (project, start DESC, trace);
CREATE INDEX trace_by_change ON trace (change);
CREATE INDEX trace_by_segment ON trace (min_segment);

-- Sums over all traces, by hour since the epoch and string ids of service and model (0 for none). 'cost' is in
-- 1e-12 USD, in decimal: no sum is out of range. 'latency' is bucket and count in turns (hours.ts).
CREATE TABLE hour (
  hour INTEGER NOT NULL,
  service INTEGER NOT NULL,
  model INTEGER NOT NULL,
  spans INTEGER NOT NULL,
  errors INTEGER NOT NULL,
  calls INTEGER NOT NULL,
  input REAL NOT NULL,
  output REAL NOT NULL,
  total REAL NOT NULL,
  cost TEXT NOT NULL,
  latency TEXT,
  PRIMARY KEY (hour, service, model)
) STRICT, WITHOUT ROWID;

-- Parents that have not arrived, with usage known below them.
CREATE TABLE waiting (trace INTEGER NOT NULL, span BLOB NOT NULL, PRIMARY KEY (trace, span)) STRICT, WITHOUT ROWID;

-- Calls through the gateway. Texts are string ids, 0 for none; 'segment' is where its newest record lies.
-- 'span_row' is the span that shows it: its own span ('own'), or the client's that it is joined to ('via' says
-- how, calls/assign.ts). 'verdict' is the number of the one on the reply alone, 'said' of the one that is shown.
CREATE TABLE call (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  trace BLOB NOT NULL,
  span BLOB NOT NULL,
  parent BLOB,
  record INTEGER NOT NULL,
  received INTEGER NOT NULL,
  finished INTEGER NOT NULL,
  start INTEGER NOT NULL,
  end INTEGER NOT NULL,
  status INTEGER NOT NULL,
  stream INTEGER NOT NULL,
  choices INTEGER NOT NULL,
  project INTEGER NOT NULL,
  run INTEGER NOT NULL,
  rollout INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  mode INTEGER NOT NULL,
  dialect INTEGER NOT NULL,
  upstream INTEGER NOT NULL,
  backend INTEGER NOT NULL,
  outcome INTEGER NOT NULL,
  request_model INTEGER NOT NULL,
  response_model INTEGER NOT NULL,
  verdict INTEGER NOT NULL,
  weight_version INTEGER NOT NULL,
  response_id TEXT,
  error TEXT,
  input REAL,
  output REAL,
  total REAL,
  cache_read REAL,
  reasoning REAL,
  prompt_ids REAL,
  response_ids REAL,
  first_ids REAL,
  first_token REAL,
  tags TEXT,
  segment INTEGER NOT NULL,
  start_segment INTEGER,
  start_offset INTEGER,
  start_length INTEGER,
  end_segment INTEGER,
  end_offset INTEGER,
  end_length INTEGER,
  span_row INTEGER,
  own INTEGER NOT NULL,
  via INTEGER NOT NULL,
  said INTEGER NOT NULL
) STRICT;
CREATE INDEX call_by_time ON call (start, key);
CREATE INDEX call_by_trace ON call (trace, parent);
CREATE INDEX call_by_response ON call (response_id) WHERE response_id IS NOT NULL;
-- Those that a nameless span may stand for: joined by nothing else.
CREATE INDEX call_loose ON call (end) WHERE finished = 1 AND via IN ${looseWaysSql};
CREATE INDEX call_by_rollout ON call (rollout, attempt, start) WHERE rollout > 0;
CREATE UNIQUE INDEX call_by_span ON call (span_row) WHERE span_row IS NOT NULL;

-- Spans between spans of one response id, arrived or not: a change of one may change which is the innermost.
CREATE TABLE call_watch (
  trace INTEGER NOT NULL,
  span BLOB NOT NULL,
  response_id TEXT NOT NULL,
  PRIMARY KEY (trace, span, response_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE tombstone (trace BLOB PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;

-- Traces that are no longer there, newest last, for the feed of changes and for whoever asks for one. 'how' is
-- numbered in removals.ts.
CREATE TABLE removal (change INTEGER PRIMARY KEY, trace BLOB NOT NULL, how INTEGER NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE INDEX removal_by_trace ON removal (trace);

CREATE TABLE log (
  id INTEGER PRIMARY KEY,
  record INTEGER NOT NULL UNIQUE,
  received INTEGER NOT NULL,
  trace TEXT,
  segment INTEGER NOT NULL,
  offset INTEGER NOT NULL,
  length INTEGER NOT NULL,
  content_type TEXT NOT NULL
) STRICT;
CREATE INDEX log_by_trace ON log (trace) WHERE trace IS NOT NULL;

CREATE TABLE object (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  record INTEGER NOT NULL,
  received INTEGER NOT NULL,
  segment INTEGER NOT NULL,
  offset INTEGER NOT NULL,
  length INTEGER NOT NULL,
  content_type TEXT NOT NULL
) STRICT;

CREATE TABLE set_aside (
  id INTEGER PRIMARY KEY,
  record INTEGER NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  error TEXT NOT NULL
) STRICT;
${signalSchema}`
