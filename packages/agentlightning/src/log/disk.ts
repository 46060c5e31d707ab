// The file operations that the log needs, as an interface, so that a test can put a disk underneath that
// forgets what was not flushed.

/** An open file of a `Disk`. */
export interface DiskFile {
  /** Writes all of `parts` at `offset`; a short write is continued. Rejects with the system's error. */
  write(parts: readonly Uint8Array[], offset: number): Promise<void>
  /** Makes what was written durable (`fdatasync`). */
  flush(): Promise<void>
  truncate(length: number): Promise<void>
  close(): Promise<void>
}

/** The directory that the log lives in. Names are plain file names inside it. */
export interface Disk {
  /** Creates a file that must not exist. */
  create(name: string): Promise<DiskFile>
  /** Opens an existing file for reading and writing. */
  open(name: string): Promise<DiskFile>
  /** Names and sizes in bytes of all files. */
  list(): Promise<{ name: string; size: number }[]>
  /** Reads up to `length` bytes at `offset`; fewer at the end of the file. */
  read(name: string, offset: number, length: number): Promise<Buffer>
  remove(name: string): Promise<void>
  /** Makes created and removed names durable (`fsync` of the directory). */
  flushDirectory(): Promise<void>
}
