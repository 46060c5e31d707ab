// Tables of log records and metrics. As in schema.ts: texts that repeat are ids of `string`, times are ns.

/** Creates the tables of an empty database. */
export const signalSchema = `
-- 'service' is that of its source, for filters. 'event' is 0 where there is none.
CREATE TABLE log_record (
  id INTEGER PRIMARY KEY,
  key BLOB NOT NULL UNIQUE,
  time INTEGER NOT NULL,
  trace BLOB,
  span BLOB,
  source INTEGER NOT NULL,
  service INTEGER NOT NULL,
  severity INTEGER NOT NULL,
  severity_text INTEGER NOT NULL,
  event INTEGER NOT NULL,
  preview TEXT NOT NULL,
  segment INTEGER NOT NULL,
  offset INTEGER NOT NULL,
  length INTEGER NOT NULL
) STRICT;
CREATE INDEX log_record_by_time ON log_record (time DESC, key);
CREATE INDEX log_record_by_trace ON log_record (trace, time, key) WHERE trace IS NOT NULL;

-- A table of few rows: texts stand in it, since lists are in their order. 'points', 'first', 'last' are of its points.
CREATE TABLE metric_series (
  id INTEGER PRIMARY KEY,
  key BLOB NOT NULL UNIQUE,
  name TEXT NOT NULL,
  service TEXT NOT NULL,
  unit TEXT NOT NULL,
  description TEXT NOT NULL,
  type INTEGER NOT NULL,
  temporality INTEGER NOT NULL,
  monotonic INTEGER NOT NULL,
  attributes TEXT NOT NULL,
  points INTEGER NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL
) STRICT;
CREATE INDEX metric_series_by_name ON metric_series (name, service, key);

CREATE TABLE metric_point (
  series INTEGER NOT NULL,
  time INTEGER NOT NULL,
  start INTEGER NOT NULL,
  segment INTEGER NOT NULL,
  value REAL,
  count REAL,
  sum REAL,
  min REAL,
  max REAL,
  PRIMARY KEY (series, time, start)
) STRICT, WITHOUT ROWID;
`
