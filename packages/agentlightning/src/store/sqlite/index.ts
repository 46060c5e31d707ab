// The SQLite engine of the store.
export { openSqliteReader } from './reader.ts'
export { openSqliteWriter } from './writer.ts'
