// As much of the protobuf wire format (protobuf.dev/programming-guides/encoding) as writing test bodies takes.

/** UTF-8 bytes. */
export function text(value: string): Buffer {
  return Buffer.from(value)
}

/** Bytes one after the other. */
export function join(parts: readonly Buffer[]): Buffer {
  return Buffer.concat(parts)
}

/** A length-delimited field: a message, text or bytes. */
export function bytesField(field: number, bytes: Buffer): Buffer {
  return join([tag(field, 2), varint(bytes.length), bytes])
}

/** A field that holds a message of the given fields. */
export function message(field: number, fields: readonly Buffer[]): Buffer {
  return bytesField(field, join(fields))
}

/** A varint field of a number that is not negative. */
export function intField(field: number, value: number): Buffer {
  return join([tag(field, 0), varint(value)])
}

/** A fixed64 field of 0, to be written over. */
export function fixed64Field(field: number): Buffer {
  return join([tag(field, 1), Buffer.alloc(8)])
}

/** An attribute: `KeyValue` of OTLP in a field of the given number. */
export function keyValue(field: number, key: string, anyValue: Buffer): Buffer {
  return message(field, [bytesField(1, text(key)), bytesField(2, anyValue)])
}

/** `AnyValue` of a text. */
export function string(value: string): Buffer {
  return bytesField(1, text(value))
}

/** `AnyValue` of an integer that is not negative. */
export function int(value: number): Buffer {
  return intField(3, value)
}

/** `AnyValue` of an array of integers. */
export function ints(values: readonly number[]): Buffer {
  return message(
    5,
    values.map((value) => bytesField(1, int(value))),
  )
}

function tag(field: number, wireType: number): Buffer {
  return varint(field * 8 + wireType)
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  while (rest > 127) {
    bytes.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
  return Buffer.from(bytes)
}
